import { type Mutant, mutantsOf } from "../mutant.js";

/** Mutants of section 5: messages. */
export const MESSAGES: readonly Mutant[] = [
  ...mutantsOf("contract/send", "§5", {
    "at most 20 stanzas an envelope": ["chat/send", "STANZAS_MAX = 20", "STANZAS_MAX = 21"],
    "a failed stanza tells what was done before it": [
      "chat/send",
      "{ ...error.extra, results, failed }",
      "error.extra",
    ],
    "an id is a UUID": ["schema/stanza", 'it === "" || isUuid(it)', 'it === "" || it !== ""'],
    "an empty id is absent": ["schema/stanza", "id: id || undefined", "id: id"],
    "the same id is the same message": ["chat/append", "if known then return {'known', known} end", ""],
    "other content under the same id is a conflict": [
      "chat/append",
      "stamp?.sender !== by || stamp.fingerprint !== draft.fingerprint",
      "stamp?.sender !== by",
    ],
    "another sender of the same id is a conflict": [
      "chat/append",
      "stamp?.sender !== by || stamp.fingerprint !== draft.fingerprint",
      "stamp.fingerprint !== draft.fingerprint",
    ],
    "content is without to": [
      "chat/message",
      'const content = await sanitizeContent(message.content); checkNotEmpty("message", content);',
      'const content = { ...(await sanitizeContent(message.content)), to: message.to }; checkNotEmpty("message", content);',
    ],
    "content is as normalised": ["chat/message", "await sanitizeContent(message.content)", "message.content"],
    "the order of properties is no content": ["chat/content", "Object.keys(value).sort()", "Object.keys(value)"],
    "a thread's id has 64 characters of A-Z a-z 0-9 . _ ~ -": [
      "schema/field",
      "/^(?!\\.\\.?$)[A-Za-z0-9._~-]{1,64}$/",
      "/^[^\\n]{1,64}$/",
    ],
    "a thread's id is neither . nor ..": [
      "schema/field",
      "/^(?!\\.\\.?$)[A-Za-z0-9._~-]{1,64}$/",
      "/^[A-Za-z0-9._~-]{1,64}$/",
    ],
    "an empty thread is absent": ["schema/stanza", "thread: thread || undefined", "thread: thread"],
    "at most 200 in to": [
      "schema/stanza",
      'v.maxLength(200, "must name at most 200")',
      'v.maxLength(900, "must name at most 200")',
    ],
    "at least one in to": [
      "schema/stanza",
      'v.pipe(Entities, v.minLength(1, "must name at least one user"), v.maxLength(200, "must name at most 200"))',
      'v.pipe(Entities, v.maxLength(200, "must name at most 200"))',
    ],
    "to is never delivered": [
      "schema/stanza",
      "to, content: withoutOwned(rest)",
      "to, content: withoutOwned({ ...rest, to })",
    ],
    "a direct thread is of its members in any order": [
      "store/keys",
      "[...new Set(entities)].sort()",
      "[...new Set(entities)]",
    ],
    "members are told apart, whatever is in their names": ["store/keys", "`${entity.length}:${entity}`", "`${entity}`"],
    "who makes a room by a message owns it": ["chat/open-thread", "'owner' or 'member'", "'member' or 'member'"],
    "a message needs somebody to go to": [
      "chat/message",
      'if (message.to === undefined) throw new Fault("no_recipient");',
      'if (message.to === undefined) throw new Fault("thread_not_found");',
    ],
    "text has at most 8 KiB": ["chat/content", "TEXT_MAX = 8 * 1024", "TEXT_MAX = 9 * 1024"],
    "text is measured as it is delivered": ["chat/content", "text: checkText(sanitize(text))", "text: sanitize(text)"],
    "a message has at most 16 KiB": ["chat/content", "MESSAGE_MAX = 16 * 1024", "MESSAGE_MAX = 17 * 1024"],
    "a first message has at most 16 KiB, too": [
      "chat/message",
      "checkSize(JSON.stringify(message), SEQ_BYTES)",
      "JSON.stringify(message)",
    ],
    "a message is plain unless told": [
      "schema/message-content",
      'v.optional(v.picklist(["plain", "html", "rst"], "must be plain, html or rst"), "plain")',
      'v.optional(v.picklist(["plain", "html", "rst"], "must be plain, html or rst"), "rst")',
    ],
    "a message is plain, html or rst": [
      "schema/message-content",
      'v.picklist(["plain", "html", "rst"], "must be plain, html or rst")',
      'v.picklist(["plain", "html", "rst", "markdown"], "must be plain, html or rst")',
    ],
    "html is sanitised": ["chat/content", 'type !== "html"', 'type !== "xml"'],
    "plain and rst are not": ["chat/content", 'type !== "html"', 'type === ""'],
    "a language is kept in canonical case": [
      "schema/language",
      "v.check(isWellFormed, MALFORMED), v.transform(canonicalCase)",
      "v.check(isWellFormed, MALFORMED)",
    ],
    "en_US is taken for en-US": ["schema/language", 'tag.replaceAll("_", "-")', "tag"],
    "a language is well-formed": [
      "schema/language",
      "v.check(isWellFormed, MALFORMED), v.transform(canonicalCase)",
      "v.transform(canonicalCase)",
    ],
    "at most 10 attachments": [
      "schema/message-content",
      'v.maxLength(10, "must have at most 10 items")',
      'v.maxLength(11, "must have at most 10 items")',
    ],
    "an attachment has an http or https url": [
      "schema/field",
      "url: WebUrl, name: v.exactOptional(text)",
      "url: text, name: v.exactOptional(text)",
    ],
    "an attachment's size is a number": [
      "schema/field",
      "size: v.exactOptional(whole)",
      "size: v.optional(v.unknown())",
    ],
    "an attachment has no names that the server owns": [
      "schema/field",
      "v.transform(withoutOwned)",
      "v.check(() => true)",
    ],
    "a message has no names that the server owns": ["schema/stanza", "content: withoutOwned(rest)", "content: rest"],
    "the sender is the authenticated actor": [
      "chat/message",
      "sender: caller.actor",
      "sender: { id: caller.actor.id }",
    ],
    "attachments are none unless told": [
      "schema/message-content",
      'v.optional(v.pipe(v.array(Attachment, "must be a list"), v.maxLength(10, "must have at most 10 items")), () => [])',
      'v.optional(v.pipe(v.array(Attachment, "must be a list"), v.maxLength(10, "must have at most 10 items")))',
    ],
    "a visitor has no voice": ["chat/append", "role == 'visitor'", "false"],
  }),
];
