import * as v from "valibot";
import { Admission, admit, GUEST_SECONDS } from "../../lib/auth/guest.js";
import * as token from "../../lib/auth/token.js";
import { findYoungOfUser, type MadeToken, youngOrNew } from "../../lib/auth/young-tokens.js";
import { address } from "../../lib/http/address.js";
import { anonymous, optionalSession, sessionCaller } from "../../lib/http/authenticate.js";
import type { ChatContext } from "../../lib/http/chat-context.js";
import { sessionCookie } from "../../lib/http/credential.js";
import { endpoint, json, noIds, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";
import type { Caller } from "../../lib/people/caller.js";
import { Uuid } from "../../lib/schema/field.js";
import { digest } from "../../lib/store/keys.js";
import { saveCursor } from "../../lib/stream/saved-cursor.js";

export const endpoints: Endpoints = {
  /**
   * Creates a chat token, or returns the young one of the browser session. Throws `unauthenticated`, `token_not_allowed`,
   * `origin_not_allowed`, `rate_limited`.
   */
  "POST /token": endpoint({
    who: optionalSession,
    path: noIds,
    query: nothing,
    body: Admission,
    async run({ chat, caller, body, now, request }) {
      const sharing = caller !== undefined && body?.fresh !== true ? caller : undefined;
      // First of all: what ends while this request is answered has not reached the client that made it.
      const ended = sharing && chat.young.resume(sharing.browser, now);
      if (sharing) await chat.limits.consume("read", sharing.actor.id);
      if (caller === undefined) await chat.limits.consume("guest", address(request));
      const make = async () => {
        const young = caller && (await limitNew(chat, caller, body?.shared === true, now));
        return young === undefined ? admit(chat, caller, body, now) : { made: young, jwt: undefined };
      };
      const admitted = sharing ? await youngOrNew(chat, sharing, now, make) : await make();
      if (ended) await saveCursor(chat, { ...sharing, sha: digest(admitted.made.token) }, ended);
      return admitted;
    },
    reply: ({ made, jwt }, request, { config }) =>
      json(made, 200, jwt === undefined ? {} : { "Set-Cookie": sessionCookie(config, request, jwt, GUEST_SECONDS) }),
  }),
  /** Revokes all chat tokens of the session's user, whose devices get no pushes any more. */
  "DELETE /token": endpoint({
    who: sessionCaller,
    path: noIds,
    query: nothing,
    body: nothing,
    rateLimit: "send",
    async run({ chat, caller, now }) {
      await token.revokeAll(chat, caller.actor.id, now);
      const { unsubscribe } = await import("../../lib/push/devices.js");
      await unsubscribe(chat, caller.actor.id);
    },
  }),
  /** Revokes one chat token; possession is enough. */
  "DELETE /token/:which": endpoint({
    who: anonymous,
    path: { ids: v.object({ which: v.pipe(v.string(), v.toLowerCase()) }), absent: "not_found" },
    query: nothing,
    body: nothing,
    rateLimit: "send",
    // What is no token needs no look into the store to be gone.
    run: async ({ chat, path, now }) => (v.is(Uuid, path.which) ? token.revoke(chat, path.which, now) : undefined),
  }),
};

/** Counts a new token. When those of a minute are used up, a request that may share gets the user's young one, if there is any. Throws `rate_limited`. */
async function limitNew(
  chat: ChatContext,
  caller: Caller,
  shared: boolean,
  now: number,
): Promise<MadeToken | undefined> {
  try {
    await chat.limits.consume("token", caller.actor.id);
    return undefined;
  } catch (error) {
    const young = shared ? await findYoungOfUser(chat, caller, now) : undefined;
    if (young === undefined) throw error;
    return young;
  }
}
