import { anyCaller } from "../lib/identify.js";
import { Sending, SessionStart, sendMessage, startSession } from "../lib/legacy.js";
import { nothing, on, route } from "../lib/route.js";

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = route({
  /** Finds or makes the direct thread with a user. */
  "POST /start-session": on({
    who: anyCaller,
    query: nothing,
    body: SessionStart,
    form: true,
    ration: "send",
    run: ({ caller, body, now }) => startSession(caller, body.user, now),
  }),
  /** Sends a text to a thread. Throws `invalid`, `thread_not_found`. */
  "POST /send-message": on({
    who: anyCaller,
    query: nothing,
    body: Sending,
    form: true,
    ration: "send",
    run: ({ caller, body, now }) => sendMessage(caller, body, now),
  }),
});
