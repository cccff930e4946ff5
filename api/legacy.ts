import { anyCaller } from "../lib/http/authenticate.js";
import { Sending, SessionStart, sendMessage, startSession } from "../lib/http/legacy.js";
import { nothing, on, route } from "../lib/http/route.js";

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
