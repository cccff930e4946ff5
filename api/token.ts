import { Admission, admit, GUEST_SECONDS } from "../lib/auth/guest.js";
import * as token from "../lib/auth/token.js";
import { anybody, sessionCaller, sessionOrNobody } from "../lib/http/authenticate.js";
import { sessionCookie } from "../lib/http/credential.js";
import { json, nothing, on, route } from "../lib/http/route.js";

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = route({
  /** Makes a chat token. Throws `unauthenticated`, `token_not_allowed`, `origin_not_allowed`, `rate_limited`. */
  "POST /token": on({
    who: sessionOrNobody,
    query: nothing,
    body: Admission,
    ration: "token",
    run: ({ caller, body, now }) => admit(caller, body, now),
    reply: ({ made, jwt }, request) =>
      json(made, 200, jwt === undefined ? {} : { "Set-Cookie": sessionCookie(request, jwt, GUEST_SECONDS) }),
  }),
  /** Revokes all chat tokens of the session's user. */
  "DELETE /token": on({
    who: sessionCaller,
    query: nothing,
    body: nothing,
    ration: "send",
    run: ({ caller, now }) => token.revokeAll(caller.actor.id, now),
  }),
  /** Revokes one chat token; possession is enough. */
  "DELETE /token/:which": on({
    who: anybody,
    query: nothing,
    body: nothing,
    ration: "send",
    run: ({ params, now }) => token.revoke((params.which ?? "").toLowerCase(), now),
  }),
});
