import * as v from "valibot";
import { Fault, type FaultCode } from "../../lib/fault.js";
import { Result } from "./answers.js";

/** When each problem comes. A code that is missing here, or is no code, does not compile. */
export const WHEN: Record<FaultCode, string> = {
  invalid:
    "The body is no JSON, or the body, the query or a field has not the shape that is asked for. `issues` names each: `{path, message}`",
  bad_cursor:
    "`cursor` or `Last-Event-ID` is not a cursor at all. One that is only too old is no problem but a `resync` stanza",
  no_recipient: "A message names neither a `thread` nor people in `to`",
  unsupported_stanza: "The `type` of a stanza is none that can be sent",
  unauthenticated: "There is no credential, or the session is malformed, wrongly signed or over",
  token_unknown:
    "A chat token has expired, was revoked or never made: 404 when it stands in the path, 401 when it comes in the header",
  token_not_allowed: "Chat tokens are made and revoked as a whole by a session; the credential is a chat token",
  origin_not_allowed:
    "A page of an origin that is neither the chat's own nor listed in `CHAT_ORIGINS` uses the session's cookie",
  not_a_contact: "The claim `contacts` of the session does not cover somebody who is addressed or added",
  forbidden:
    "The role in the thread, or a limit of it, does not allow this; or somebody is banned, or the message is another's",
  cannot_send: "A visitor speaks, reacts or shows a chat state",
  not_found: "Nothing lives at this path, or an invite does not hold any more",
  thread_not_found: "There is no such thread, or not for the one who asks: the two look the same",
  message_not_found: "The thread has no message with this id, or it was retracted, or is older than what is kept",
  method_not_allowed: "The path has other methods; `Allow` lists them",
  id_conflict: "The thread has a message with this id of another content or another sender",
  thread_conflict: "A room is made with an id that is taken",
  too_large: "The body is over 64 KiB, a text over 8 KiB, a message over 16 KiB, or a room full",
  unsupported_media_type: "The content type is not the one that is asked for, or the body is compressed",
  rate_limited:
    "More writes or stream requests a second, or new tokens a minute, than `CHAT_RATE_SEND`, `CHAT_RATE_STREAM` and `CHAT_RATE_TOKEN` allow; `Retry-After` says how long to wait",
  internal: "Something that should not happen did. Nothing from inside is told",
  unavailable: "The store cannot be reached or does not answer in time; nothing is half done",
  storage_full: "The store takes no more; nothing was written",
};

/** The problems of the chat in the order of the table they come from. */
export const PROBLEMS = Object.keys(WHEN).flatMap((code) => (isCode(code) ? [new Fault(code)] : []));

function isCode(text: string): text is FaultCode {
  return text in WHEN;
}

export const Problem = v.pipe(
  v.object({
    type: v.pipe(v.string(), v.regex(/^urn:nereid-chat:problem:[a-z_]+$/)),
    title: v.string(),
    status: v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599)),
    detail: v.string(),
    code: v.picklist(PROBLEMS.map(({ code }) => code)),
    issues: v.exactOptional(v.array(v.object({ path: v.string(), message: v.string() }))),
    results: v.exactOptional(
      v.pipe(v.array(Result), v.description("Of an envelope: what was done before the stanza that failed")),
    ),
    failed: v.exactOptional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(0),
        v.description("Of an envelope: the index of the stanza that failed"),
      ),
    ),
  }),
  v.description("RFC 9457. `code` is the contract: switch on it"),
);

/** Writes docs/problems.md. */
export function problemsPage(): string {
  const rows = PROBLEMS.map(({ code, status, advice }) => {
    const statuses = code === "token_unknown" ? "404, 401" : `${status}`;
    return `| \`${code}\` | ${statuses} | ${WHEN[code]} | ${advice} |`;
  });
  return `${HEAD}\n${rows.join("\n")}\n\n${TAIL}`;
}

const HEAD = `# Problems

<!-- Made by \`npm run openapi\` from lib/fault.ts and test/openapi/problems.ts; a test keeps it in step. -->

Whatever goes wrong is answered as [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) \`application/problem+json\`:

\`\`\`json
{
  "type": "urn:nereid-chat:problem:no_recipient",
  "title": "Neither thread nor recipients",
  "status": 400,
  "detail": "Neither thread nor recipients: name a thread or somebody to write to",
  "code": "no_recipient",
  "results": [],
  "failed": 0
}
\`\`\`

Switch on \`code\`: it is the contract, the rest is for people. A client that meets a code it does not know goes by the status. Which endpoint can
answer which code stands in [openapi.json](../public/openapi.json).

| code | status | when | what to do |
|---|---|---|---|`;

const TAIL = `## Along with them

- \`issues\` (of \`invalid\`): each malformed field, at most 20.
- \`results\` and \`failed\` (of *send*): stanzas are done in order up to the first that fails, whose problem this is. \`results\` are of those before it.
  Mend or drop that stanza and send the same envelope again: messages are idempotent by \`id\`.
- \`WWW-Authenticate: Bearer\` with each 401, \`Allow\` with 405, \`Retry-After\` in seconds with 429 and 503.
- On a stream that was asked for with \`Accept: text/event-stream\`, 429, 500, 503 and 507 come as a 200 with a longer \`retry:\` and one event
  named \`problem\`, whose data is the document above: anything but 200 ends a browser's \`EventSource\` for good.

## Trying again

Reading changes nothing, so it can always be repeated. Writing can be repeated after no answer, 429, 500, 503 and 507 when each message carries an \`id\`
of its own: it is delivered once, and a room with an \`id\` of the client's is made once. Wait for \`Retry-After\`, else 0.5 s, doubling up to 30 s, with some chance in it.
`;
