import type { Outsider, Place } from "../support/outsider.js";
import type { Reply } from "../support/site.js";

/** The origins of pages elsewhere: one that the operator lists in CHAT_ORIGINS, and one that nobody lists. */
export const LISTED = "https://listed.example";
export const STRANGE = "https://strange.example";

const hello = { type: "message", message: { to: ["nobody"], text: "Hello" } };

/** Where a response is asked for, and a user with a chat token there. */
export type Asked = { server: Place; ann: Outsider };

const preflight = (origin: string) => ({ headers: { origin, "access-control-request-method": "POST" } });

/** Every kind of response there is, by name; each name begins with the status. */
export const RESPONSES: Readonly<Record<string, (asked: Asked) => Promise<Reply>>> = {
  "200 of health": ({ server }) => server.call("GET", "health"),
  "200 of send": ({ ann }) => ann.send(hello),
  "200 of a poll": ({ server, ann }) => server.call("GET", `stream/${ann.token}?wait=0`),
  "200 of an event stream": ({ server, ann }) =>
    server.call("GET", `stream/${ann.token}?wait=0`, { headers: { accept: "text/event-stream" } }),
  "200 of the threads": ({ ann }) => ann.call("GET", "threads"),
  "201 of a room": ({ ann }) => ann.call("POST", "threads", { kind: "room", members: [] }),
  "204 of a revocation": ({ server }) => server.call("DELETE", "token/6f2f9ad5-5a3c-4c53-9f8e-0d4d2f7d9c11"),
  "204 of a preflight": ({ server }) => server.call("OPTIONS", "send", preflight(LISTED)),
  "204 of a preflight from a strange origin": ({ server }) => server.call("OPTIONS", "send", preflight(STRANGE)),
  "400 of malformed JSON": ({ ann }) => ann.send([]),
  "401 without a credential": ({ server }) => server.call("GET", "threads"),
  "403 of a token that wants tokens": ({ ann }) => ann.call("POST", "token"),
  "404 of an unknown token": ({ server }) => server.call("GET", "stream/6f2f9ad5-5a3c-4c53-9f8e-0d4d2f7d9c11"),
  "404 of an unknown path": ({ server }) => server.call("GET", "nothing/here"),
  "404 of the base path": ({ server }) => server.call("GET", ""),
  "404 of a path with a slash too many": ({ server }) => server.call("GET", "threads//"),
  "405 of a wrong method": ({ server }) => server.call("PUT", "send"),
  "405 of HEAD": ({ server }) => server.call("HEAD", "send"),
  "413 of a large body": ({ ann }) => ann.send({ ...hello, more: "x".repeat(70_000) }),
  "415 of a form": ({ ann }) =>
    ann.call("POST", "send", undefined, { "content-type": "application/x-www-form-urlencoded", "content-length": "0" }),
};
