import { Admission, admit, GUEST_SECONDS } from "../../lib/auth/guest.js";
import * as token from "../../lib/auth/token.js";
import { anybody, sessionCaller, sessionOrNobody } from "../../lib/http/authenticate.js";
import { sessionCookie } from "../../lib/http/credential.js";
import { endpoint, json, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";

export const endpoints: Endpoints = {
  /** Makes a chat token. Throws `unauthenticated`, `token_not_allowed`, `origin_not_allowed`, `rate_limited`. */
  "POST /token": endpoint({
    who: sessionOrNobody,
    query: nothing,
    body: Admission,
    ration: "token",
    run: ({ chat, caller, body, now }) => admit(chat, caller, body, now),
    reply: ({ made, jwt }, request, { config }) =>
      json(made, 200, jwt === undefined ? {} : { "Set-Cookie": sessionCookie(config, request, jwt, GUEST_SECONDS) }),
  }),
  /** Revokes all chat tokens of the session's user. */
  "DELETE /token": endpoint({
    who: sessionCaller,
    query: nothing,
    body: nothing,
    ration: "send",
    run: ({ chat, caller, now }) => token.revokeAll(chat, caller.actor.id, now),
  }),
  /** Revokes one chat token; possession is enough. */
  "DELETE /token/:which": endpoint({
    who: anybody,
    query: nothing,
    body: nothing,
    ration: "send",
    run: ({ chat, params, now }) => token.revoke(chat, (params.which ?? "").toLowerCase(), now),
  }),
};
