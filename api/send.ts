import { Envelope, send, weigh } from "../lib/chat/send.js";
import { anyCaller } from "../lib/http/authenticate.js";
import { nothing, on, route } from "../lib/http/route.js";

/** Does what up to 20 stanzas say, in order. Throws whatever the first that fails throws. */
const deliver = on({
  who: anyCaller,
  query: nothing,
  body: Envelope,
  ration: "send",
  weight: weigh,
  run: ({ caller, body, now }) => send(caller, body, now),
});

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = route({
  "POST /send": deliver,
  "POST /send/:token": deliver,
});
