/** A rule of docs/PROFILE.md, how lib/ would read without it, and the test that must then fail. */
export type Mutant = { rule: string; file: string; from: string; to: string; test: string };

// Rules that two places keep, each enough by itself, have no mutant: what `alg: none` and algorithm confusion would need, an
// actor's own `id` and `objectType`, `exp` and `sub`.
export const MUTANTS: readonly Mutant[] = [
  ...of("contract/credentials", "§2", {
    "a session's cookie is the one that CHAT_SESSION_COOKIE names": [
      "http/credential",
      "cookie(header, config.sessionCookie)",
      'cookie(header, "chat_session")',
    ],
    "a chat token may come in the path": [
      "http/credential",
      "if (pathToken !== undefined) {",
      "if (pathToken === '') {",
    ],
    "a chat token may come as a bearer": ["http/credential", "if (isUuid(value)) return", "if (value === '') return"],
    "a chat token makes no tokens": [
      "http/authenticate",
      'if (proof?.kind === "token") throw new Fault("token_not_allowed");',
      'if (proof?.kind === "token") return byToken(asking, proof);',
    ],
    "an unknown chat token in the header is a 401": [
      "http/authenticate",
      'proof.inPath ? error : new Fault("token_unknown", { status: 401 })',
      "error",
    ],
    "the issuer must be CHAT_JWT_ISSUER": ["auth/jwt", "{ issuer }", "{}"],
    "the audience must be CHAT_JWT_AUDIENCE": ["auth/jwt", "{ audience }", "{}"],
    "name is the displayName": ["auth/session", "displayName: claims.name", "displayName: undefined"],
    "profile is the url": ["auth/session", "url: claims.profile", "url: undefined"],
    "picture is the image": ["auth/session", "url: claims.picture", "url: undefined"],
    "the claim actor is merged in": ["auth/session", "...kept(claims.actor), ", ""],
    "links of an actor are http or https": ["schema/actor", "/^https?:$/", "/:$/"],
    "an actor has no names that the server owns": ["auth/session", "|| SERVER_OWNED.has(key) ", ""],
    "contacts bound whom one may address": ["chat/thread", "checkContacts(caller, members);\n  const key", "const key"],
    "contacts bound whom one may bring into a room": ["chat/thread", "checkContacts(caller, members);\n  if", "if"],
    "contacts bound whom one may add": ["chat/thread-admin", "  checkContacts(caller, add);\n", ""],
    "a guest comes only where CHAT_GUESTS says so": ["auth/guest", "!config.guests || ", ""],
    "a guest has a name": ["auth/guest", " || name === undefined", ""],
    "a guest is of objectType guest": ["auth/guest", 'actor: { objectType: "guest" }', "actor: {}"],
    "a guest's cookie is HttpOnly": ["http/credential", "HttpOnly; ", ""],
    "a guest's cookie is SameSite=Lax": ["http/credential", "; SameSite=Lax", ""],
    "a guest's cookie is Secure on https": ["http/credential", '"; Secure"', '""'],
    "a 401 says WWW-Authenticate": ["http/problem", '{ "WWW-Authenticate": "Bearer" }', "{}"],
  }),
  ...of("http/credential", "§2", {
    "a chat token is no cookie": ["http/credential", 'jwt === "" || isUuid(jwt)', 'jwt === ""'],
  }),
  ...of("people/contact", "§2", {
    "contacts may be prefixes": ["people/contact", 'it.endsWith("*") ? entity.startsWith(it.slice(0, -1)) : ', ""],
    "an empty list of contacts allows nobody": [
      "people/contact",
      "if (contacts === undefined) return true;",
      "if (!contacts?.length) return true;",
    ],
  }),
  ...of("auth/session", "§2", {
    "the leeway is 60 s at most": ["auth/jwt", "LEEWAY_SECONDS = 30", "LEEWAY_SECONDS = 90"],
  }),
  ...of("contract/rules", "§4", {
    "what will pass is a 200 with an event named problem": [
      "http/stream-response",
      "!wanted(request) || (fault.status !== 429 && fault.status < 500)",
      "fault.status > 0",
    ],
  }),
  ...of("presence/presence", "§4", {
    "the first answer carries the presence of contacts": ["stream/follow", "first: !kept", "first: false"],
  }),
  ...of("whole/http10", "§4", {
    "HTTP/1.0 gets the bounded form": [
      "http/stream-response",
      ' && query.live === "1" && !isHttp10(request)',
      ' && query.live === "1"',
    ],
  }),
  ...of("whole/races", "§6", {
    "a direct thread is made once": ["chat/thread", "  if found then return {'found', found} end\n", ""],
  }),
  ...of("contract/rules", "§1", {
    "a cookie does not write from a foreign origin": [
      "http/cors",
      "if (!fromOwnPage(request) && allowOrigin(request) === undefined)",
      "if (toStream && !fromOwnPage(request) && allowOrigin(request) === undefined)",
    ],
    "a cookie does not follow a stream from a foreign origin": ["http/cors", " && !toStream", ""],
  }),
  ...of("auth/token", "§3", {
    "a chat token lives in the store as long as it holds": ["auth/token", ", 'EX', ARGV[6])", ")"],
  }),
  ...of("contract/tokens", "§3", {
    "a chat token ends": ["auth/token", "|| grant.expires <= now", ""],
    "revoking ends the polls that are held": ["log/tail", "    this.#polls.endTokens(shas);\n", ""],
    "revoking is heard by other instances": ["auth/token", "if #gone > 0 then", "if false then"],
    "revoking is told by the session to all tokens": [
      "auth/token",
      "zrange(keys.tokens(entity), 0, -1)",
      "zrange(keys.tokens(entity), 0, 0)",
    ],
    "what was sent after the token was made comes with the first poll": ["stream/saved-cursor", "caller.birth ?? ", ""],
  }),
  ...of("http/stream-response", "§4", {
    "a wait is cut at 55 s": ["http/stream-response", "WAIT_MAX = 55", "WAIT_MAX = 550"],
    "an empty answer is held for 25 s unless told": ["http/stream-response", "const WAIT = 25", "const WAIT = 26"],
  }),
  ...of("contract/stream", "§4", {
    "a limit is cut at 100": ["stream/follow", "Math.min(it, LIMIT_MAX)", "it"],
    "a limit is 1 at least": ["stream/follow", 'v.minValue(1, "must be at least 1"),\n', ""],
    "a wait is a whole number": ["stream/follow", "/^\\d+$/", "/^[-\\d.]+$/"],
    "Last-Event-ID goes before the cursor in the query": [
      "http/stream-response",
      'request.headers.get("last-event-id") || query.cursor',
      'query.cursor || request.headers.get("last-event-id")',
    ],
    "the bare URL goes on where its last answer ended": [
      "stream/saved-cursor",
      "if (known !== undefined) return",
      "if (known === null) return",
    ],
    "prev is the cursor that was asked for": [
      "http/stream-response",
      '"prev":"${log.format(prev)}"',
      '"prev":"${log.format(cursor)}"',
    ],
    "an answer that was cut says more": ["http/stream-response", `\${more ? ',"more":true' : ""}`, ""],
    "an answer ends before 1 MiB": ["schema/answer-size", "1_040_000", "2_080_000"],
    "what cannot be a cursor is a bad_cursor": ["log/write", "{1,22})\\.(\\d{1,15})$/", "{1,22})\\.?(\\d{1,15}).*$/"],
    "a cursor ahead of the log brings a resync": ["stream/catch-up", " || cursor.n > clock.n", ""],
    "a cursor of another epoch brings a resync": ["stream/catch-up", "cursor.epoch !== clock.epoch || ", ""],
    "a trimmed thread brings a resync": ["stream/catch-up", "if (!gaps) return rest;", "if (limit > 0) return rest;"],
    "the ninth poll of one user ends the oldest": ["log/held-polls", "MAX_PER_ENTITY = 8", "MAX_PER_ENTITY = 9"],
    "a crowded poll is asked to pause for 10 s": ["stream/follow", "PAUSE_CROWDED = 10", "PAUSE_CROWDED = 11"],
  }),
  ...of("contract/sse", "§4", {
    "an event stream says when to ask again": ["http/stream-response", "RETRY_MS = 100", "RETRY_MS = 200"],
    "each event has the cursor after it for its id": [
      "http/stream-response",
      "const after = i === stanzas.length - 1 ? cursor :",
      "const after = i === 0 ? cursor :",
    ],
    "an empty answer moves the browser's position": [
      "http/stream-response",
      "return `id: ${log.format(cursor)}\\n\\n`",
      'return ""',
    ],
    "each event has a timestamp": ["http/stream-response", 'data: {"timestamp":"${timestamp}",', "data: {"],
  }),
  ...of("chat/rooms", "§4", {
    "a newcomer's stream begins with the joining": ["log/cold-read", "Math.max(cursor.n, n - 1)", "cursor.n"],
  }),
  ...of("log/membership-cache", "§4", {
    "a newcomer hears nothing from before, in memory either": [
      "log/membership-cache",
      "if (event.n < since) return false;",
      "",
    ],
    "who has left hears that, and nothing more": [
      "log/membership-cache",
      "if (since < 0) return",
      "if (since === 0) return",
    ],
    "a stranger hears nothing": [
      "log/membership-cache",
      "if (since === undefined) return false;",
      "if (since === undefined) return true;",
    ],
    "a chat state is for the others": [
      "log/membership-cache",
      '"delivered") && event.by !== member.by',
      '"delivered")',
    ],
    "a block is for one's own streams": [
      "log/membership-cache",
      'if (event.kind === "own") return event.by === member.by;',
      "",
    ],
  }),
  ...of("contract/send", "§5", {
    "at most 20 stanzas an envelope": ["chat/send", "STANZAS_MAX = 20", "STANZAS_MAX = 21"],
    "a failed stanza tells what was done before it": [
      "chat/send",
      "{ ...error.extra, results, failed }",
      "error.extra",
    ],
    "an id is a UUID": ["schema/stanza", 'it === "" || isUuid(it)', 'it === "" || it !== ""'],
    "an empty id is absent": ["schema/stanza", "id: id || undefined", "id"],
    "the same id is the same message": ["chat/message", "if it[4] then return {'known', it[4]} end\n", ""],
    "other content under the same id is a conflict": [
      "chat/message",
      " || stamp.fingerprint !== draft.fingerprint",
      "",
    ],
    "another sender of the same id is a conflict": ["chat/message", "stamp?.sender !== by || stamp", "stamp"],
    "content is without to": ["chat/message", "fingerprint(content);", "fingerprint({ ...content, to: message.to });"],
    "content is as normalised": ["chat/message", "fingerprint(content);", "fingerprint(message.content);"],
    "the order of properties is no content": ["chat/fingerprint", "Object.keys(value).sort()", "Object.keys(value)"],
    "a thread's id has 64 characters of A-Z a-z 0-9 . _ ~ -": [
      "schema/field",
      "/^[A-Za-z0-9._~-]{1,64}$/",
      "/^[^\\n]{1,64}$/",
    ],
    "an empty thread is absent": ["schema/stanza", "thread: thread || undefined", "thread"],
    "at most 200 in to": ["schema/stanza", "v.maxLength(200,", "v.maxLength(900,"],
    "at least one in to": ["schema/stanza", 'v.minLength(1, "must name somebody"), v.maxLength(200', "v.maxLength(200"],
    "to is never delivered": ["schema/stanza", "content: withoutOwned(rest)", "content: withoutOwned({ ...rest, to })"],
    "a direct thread is of its members in any order": ["store/keys", "    .sort()\n", ""],
    "members are told apart, whatever is in their names": ["store/keys", "${entity.length}:${entity}", "${entity}"],
    "who makes a room by a message owns it": ["chat/thread", "'owner' or 'member'", "'member' or 'member'"],
    "a message needs somebody to go to": [
      "chat/message",
      'if (message.to === undefined) throw new Fault("no_recipient");',
      "if (message.to === undefined) return lost();",
    ],
    "text has at most 8 KiB": ["chat/content", "TEXT_MAX = 8 * 1024", "TEXT_MAX = 9 * 1024"],
    "text is measured as it is delivered": ["chat/content", "checkText(sanitize(text))", "sanitize(text)"],
    "a message has at most 16 KiB": ["chat/content", "MESSAGE_MAX = 16 * 1024", "MESSAGE_MAX = 17 * 1024"],
    "a first message has at most 16 KiB, too": [
      "chat/message",
      "checkSize(JSON.stringify(message), SEQ_BYTES)",
      "JSON.stringify(message)",
    ],
    "a message is plain unless told": ["schema/stanza", 'html or rst"), "plain")', 'html or rst"), "rst")'],
    "a message is plain, html or rst": [
      "schema/stanza",
      '["plain", "html", "rst"], "must',
      '["plain", "html", "rst", "markdown"], "must',
    ],
    "html is sanitised": ["chat/content", 'type === "html" ?', 'type === "xml" ?'],
    "plain and rst are not": ["chat/content", 'type === "html" ?', "type ?"],
    "a language is kept in canonical case": ["schema/language", "  v.transform(canonicalCase),\n", ""],
    "en_US is taken for en-US": ["schema/language", 'tag.replaceAll("_", "-")', "tag"],
    "a language is well-formed": ["schema/language", "  v.check(isWellFormed, MALFORMED),\n", ""],
    "at most 10 attachments": ["schema/stanza", "v.maxLength(10,", "v.maxLength(11,"],
    "an attachment has an http or https url": ["schema/field", "      url: WebUrl,", "      url: text,"],
    "an attachment's size is a number": [
      "schema/field",
      "size: v.exactOptional(whole)",
      "size: v.optional(v.unknown())",
    ],
    "an attachment has no names that the server owns": [
      "schema/field",
      '"must be an object with a url",\n  ),\n  v.transform(withoutOwned),',
      '"must be an object with a url",\n  ),',
    ],
    "a message has no names that the server owns": ["schema/stanza", "content: withoutOwned(rest)", "content: rest"],
    "the sender is the authenticated actor": [
      "chat/message",
      "id, timestamp, sender: caller.actor }",
      "id, timestamp, sender: { id: caller.actor.id } }",
    ],
    "attachments are none unless told": ["schema/stanza", "    () => [],\n  ),\n  mentions", "  ),\n  mentions"],
    "a visitor has no voice": ["chat/message", "if it[3] == 'visitor' then return {'voiceless'} end\n", ""],
  }),
  ...of("chat/references", "§5", {
    "replyTo names a message of the thread": [
      "chat/message",
      "if ARGV[13] ~= '' and not it[6] then return {'unknown'} end\n",
      "",
    ],
    "replyTo names nothing in a thread that is only made": [
      "chat/reference",
      '  if (replyTo !== undefined) throw new Fault("message_not_found");\n',
      "",
    ],
    "replyTo is a UUID": ["schema/stanza", "replyTo: v.exactOptional(Uuid)", "replyTo: v.exactOptional(text)"],
    "mentions are members": [
      "chat/message",
      "for i = 14, #ARGV do if not it[i - 7] then return {'outsider', i - 13} end end\n",
      "",
    ],
    "mentions of a first message are its sender or in to": [
      "chat/reference",
      "if (outsider >= 0)",
      "if (outsider > 99)",
    ],
    "mentions in an edit are members": [
      "chat/edit",
      "for i = 14, #ARGV do if not it[i - 9] then return {'outsider', i - 13} end end\n",
      "",
    ],
    "at most 50 mentions": ["schema/stanza", "new Set(it).size <= 50", "new Set(it).size <= 51"],
    "each mention is counted once": ["schema/stanza", "new Set(it).size <= 50", "it.length <= 50"],
  }),
  ...of("presence/presence", "§5", {
    "show is away, chat, dnd or xa": [
      "schema/stanza",
      'v.picklist(["away", "chat", "dnd", "xa"], "must be away, chat, dnd or xa")',
      "text",
    ],
    "a status has at most 140 characters": ["schema/stanza", "{0,140}$", "{0,141}$"],
    "available unless told": ["schema/stanza", '"must be true or false"), true)', '"must be true or false"), false)'],
    "an unchanged presence is not sent again": [
      "presence/presence",
      "const same = before",
      "const same = false && before",
    ],
    "who is not there shows nothing": ["presence/roster", "...(available ? said : {})", "...said"],
    "contacts share a thread of at most 100": ["presence/roster", "const SMALL = 100", "const SMALL = 1_000"],
    "presence shows only of who has shown themselves": [
      "presence/roster",
      'return read !== null && !read.includes(".");',
      "return read !== null;",
    ],
    "at most 200 contacts, available ones first": [
      "presence/roster",
      "Number(b.available) - Number(a.available)",
      "Number(a.available) - Number(b.available)",
    ],
  }),
  ...of("chat/stanzas", "§5", {
    "a receipt is cut at the end": [
      "chat/read-receipt",
      "math.min(tonumber(ARGV[7]), tonumber(it[2]))",
      "tonumber(ARGV[7])",
    ],
    "a receipt never goes back": ["chat/read-receipt", "if seq <= read then", "if seq < 0 then"],
    "above 100 members a receipt is one's own": ["chat/read-receipt", "SHARED_MAX = 100", "SHARED_MAX = 1_000"],
    "an edit is for the sender": ["chat/edit", "|| stamp.sender !== keys.encode(caller.actor.id)) throw", ") throw"],
    "an edit is validated as a whole": [
      "chat/edit",
      "checkSize(JSON.stringify({ ...content, edited: timestamp }))",
      "JSON.stringify({ ...content, edited: timestamp })",
    ],
    "an edit is sanitised as a whole": ["chat/edit", "polish({ ...before, ...changes })", "{ ...before, ...changes }"],
    "an edit tells the text that its type has sanitised": ["chat/edit", "content.text === before.text ?", "content ?"],
    "history shows an edit with edited": ["chat/edit", "{ ...content, edited: timestamp }", "content"],
    "a retraction is for the sender and owners": [
      "chat/edit",
      '  if (!own && role !== "owner") throw new Fault("forbidden");\n',
      "",
    ],
    "a retraction is for owners, too": ["chat/edit", 'if (!own && role !== "owner")', "if (!own)"],
    "a tombstone carries no reactions": ["chat/reaction", "reactions && !TOMBSTONE.test(message)", "reactions"],
    "the newest message shows its reactions": ["chat/thread-view", "withReactions(newest, reactions)", "newest"],
    "nobody reacts to what was retracted": ["chat/reaction", " and not string.find(it[3], ' retracted$')", ""],
    "at most 20 distinct emoji a message": ["chat/reaction", "DISTINCT_MAX = 20", "DISTINCT_MAX = 21"],
    "a reaction is one RGI emoji": ["schema/emoji", "/^\\p{RGI_Emoji}$/v", "/^\\p{RGI_Emoji}+$/v"],
    "a reaction can be taken back": [
      "chat/reaction",
      "if not (emoji == ARGV[8] and name == ARGV[5] and ARGV[9] == '1') then",
      "if true then",
    ],
    "an unknown message is message_not_found": [
      "chat/reaction",
      'throw new Fault("message_not_found")',
      'throw new Fault("forbidden")',
    ],
    "a chat state of a stranger is thread_not_found": [
      "chat/chat-state",
      "if not role then return {'stranger'} end\n",
      "",
    ],
  }),
  ...of("chat/rooms", "§5", {
    "a visitor shows no chat state": ["chat/chat-state", "if role == 'visitor' then return {'voiceless'} end\n", ""],
    "a visitor does not react": ["chat/reaction", "if it[2] == 'visitor' then return {'voiceless'} end\n", ""],
    "a visitor does not edit": ["chat/edit", 'role === "visitor" || ', ""],
    "a visitor does not retract": ["chat/edit", ' && role !== "visitor"', ""],
  }),
  ...of("chat/block", "§5", {
    "of a blocked message the number is left": [
      "chat/block",
      "if (since === undefined) return event;",
      "if (since !== null) return event;",
    ],
    "of anything else of theirs nothing is": [
      "chat/block",
      'if (stanza.type !== "message") return undefined;',
      'if (stanza.type !== "message") return event;',
    ],
    "what was said before the block stays": ["chat/block", "if (message.timestamp < since) return event;", ""],
    "the history is veiled, too": [
      "chat/block",
      "if (blocked.size === 0) return message;",
      "if (blocked.size >= 0) return message;",
    ],
    "the newest message is veiled with all it carries": [
      "chat/thread-view",
      'veilMessage(it.kind === "direct" ? blocked : NOBODY, withReactions(newest, reactions))',
      'withReactions(veilMessage(it.kind === "direct" ? blocked : NOBODY, newest), reactions)',
    ],
    "what was said before the block stays in the history": [
      "chat/block",
      " || timestamp < since ? message",
      " ? message",
    ],
    "nobody whom one blocks is in a roster": ["presence/roster", ", ...of.blocked.keys()]", "]"],
    "nothing is seen of the presence of who is blocked": [
      "log/membership-cache",
      "      !member.blocked.has(event.by) &&\n",
      "",
    ],
    "nobody blocked invites, warm": ["log/tail-memory", "invited(event) && ", "false && "],
    "nobody blocked invites, cold": ["chat/thread", "blocked and '0' or at", "at"],
    "a block can be taken back": ["chat/block", 'remove ? "1" : "0"', '"0"'],
  }),
  ...of("chat/thread-settings", "§5", {
    "of a muted thread nothing is unread": [
      "chat/thread-view",
      "unread: muted ? 0 : seq - (read ?? 0)",
      "unread: seq - (read ?? 0)",
    ],
    "nor in a resync": [
      "chat/thread-view",
      "unread: muted ? 0 : (seq ?? 0) - (read ?? 0)",
      "unread: (seq ?? 0) - (read ?? 0)",
    ],
    "a hidden thread is not listed": ["chat/thread-view", "        !header.hidden &&\n", ""],
    "a hidden thread is listed from its next message on": [
      "chat/thread-view",
      "hiddenAt !== null && hiddenAt >= seq",
      "hiddenAt !== null",
    ],
    "settings are a member's": ["chat/thread-settings", "if not it[1] then return {'stranger'} end\n", ""],
    "settings are forgotten on leaving": [
      "chat/thread-admin",
      ", 'muted:' .. one.who, 'hidden:' .. one.who end)",
      " end)",
    ],
    "setting what is set changes nothing": ["chat/thread-settings", "if #on + #off == 0 then return {'ok'} end\n", ""],
  }),
  ...of("people/profiles", "§6", {
    "only those are told of who share a thread": ["people/profiles", "n !== null && n >= 0", "true"],
    "nor those who did": ["people/profiles", "n !== null && n >= 0", "n !== null"],
    "who blocks an inviter is told of to them": ["chat/thread", "blocked and '0' or at", "blocked and '-1' or at"],
  }),
  ...of("contract/threads", "§6", {
    "sending reads up to one's own message": ["chat/message", "'read:' .. ARGV[5], number, ", ""],
    "at most 1,000 members a request": [
      "schema/stanza",
      "members: v.pipe(Entities, v.maxLength(1_000",
      "members: v.pipe(Entities, v.maxLength(9_000",
    ],
    "at most CHAT_ROOM_MAX members in a new room": [
      "chat/thread",
      "if (members.length > config.roomMax)",
      "if (members.length < 0)",
    ],
    "at most CHAT_ROOM_MAX members in a room": [
      "chat/thread-admin",
      "if #joining > 0 and redis.call('ZCARD', KEYS[5]) + #joining > tonumber(ARGV[7]) then return {'full'} end\n",
      "",
    ],
    "a taken id is a conflict": [
      "chat/thread",
      "if redis.call('EXISTS', KEYS[2]) == 1 then return {'taken', id} end\n",
      "",
    ],
    "the ids of direct threads are the server's": [
      "schema/stanza",
      'it.kind === "room" || it.id === undefined',
      "it !== undefined",
    ],
    "a thread names 100 members at most": ["chat/thread-view", "const SHOWN = 100", "const SHOWN = 110"],
    "a newcomer has read up to the joining": [
      "chat/thread-admin",
      "'read:' .. one.who, seq .. '.5' end)",
      "'read:' .. one.who, '0.5' end)",
    ],
    "threads are listed latest first": [
      "chat/thread-view",
      "tips.sort(([, a], [, b]) => b - a)",
      "tips.sort(([, a], [, b]) => a - b)",
    ],
    "a page is of 50 unless told": ["chat/history", "query.limit ?? 50", "query.limit ?? 40"],
    "a page is of 100 at most": ["chat/history", "Math.min(it, 100)", "it"],
    "history keeps about CHAT_HISTORY messages": [
      "chat/archive",
      "if (first + PART > seq - config.history) return;",
      "if (first > 0) return;",
    ],
    "only owners do all, and members invite": [
      "chat/thread-admin",
      "if not (right == 'owner' or leaving or (right == 'member' and inviting)) then return {'forbidden'} end\n",
      "",
    ],
    "members invite": ["chat/thread-admin", " or (right == 'member' and inviting)", ""],
    "everybody may leave": ["chat/thread-admin", "right == 'owner' or leaving or", "right == 'owner' or"],
    "ownership passes to who joined first": [
      "chat/thread-admin",
      "redis.call('ZRANGE', KEYS[5], 0, 0)[1]",
      "redis.call('ZRANGE', KEYS[5], -1, -1)[1]",
    ],
    "a room has an owner": [
      "chat/thread-admin",
      "and owners <= 1 then return {'forbidden'} end",
      "and owners <= 0 then return {'forbidden'} end",
    ],
    "a ban keeps out": [
      "chat/thread-admin",
      "    if banned[one.who] == nil and have('ban:', one.who) then return {'forbidden'} end\n",
      "",
    ],
    "an unban lets in": [
      "chat/thread-admin",
      "batch('HDEL', KEYS[2], unban, function(one) return 'ban:' .. one.who end)\n",
      "",
    ],
    "a direct thread's members never change": [
      "chat/thread-admin",
      "  if not leaving then return {'forbidden'} end\n",
      "",
    ],
    "leaving a direct thread hides it": [
      "chat/thread-admin",
      "  redis.call('HSET', KEYS[2], 'hidden:' .. by, seq)\n",
      "",
    ],
    "a former member finds no thread": [
      "chat/thread-admin",
      "going, function(one) return 'role:' .. one.who, ",
      "going, function(one) return ",
    ],
  }),
  ...of("chat/rooms", "§6", {
    "an invite is an owner's or a member's": ["chat/invite", " or it[2] == 'visitor'", ""],
    "an invite is to a room": ["chat/invite", "it[1] ~= 'room' or ", ""],
    "who is banned does not join by an invite": ["chat/invite", "if it[4] then return {'forbidden'} end\n", ""],
  }),
];

type Change = [file: string, from: string, to: string];

function of(test: string, section: string, rules: Record<string, Change>): Mutant[] {
  return Object.entries(rules).map(([rule, [file, from, to]]) => ({
    rule: `${section} ${rule}`,
    file: `lib/${file}.ts`,
    from,
    to,
    test: `test/${test}.test.ts`,
  }));
}
