import { anyCaller } from "../../lib/http/authenticate.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import { Sending, SessionStart, sendMessage, startSession } from "../../lib/http/legacy.js";
import type { Endpoints } from "../../lib/http/route.js";

export const endpoints: Endpoints = {
  /** Finds or creates the direct thread with a user. */
  "POST /start-session": endpoint({
    who: anyCaller,
    path: noIds,
    query: nothing,
    body: SessionStart,
    form: true,
    rateLimit: "send",
    run: ({ chat, caller, body, now }) => startSession(chat, caller, body.user, now),
  }),
  /** Sends a text to a thread. Throws `invalid`, `thread_not_found`. */
  "POST /send-message": endpoint({
    who: anyCaller,
    path: noIds,
    query: nothing,
    body: Sending,
    form: true,
    rateLimit: "send",
    run: ({ chat, caller, body, now }) => sendMessage(chat, caller, body, now),
  }),
};
