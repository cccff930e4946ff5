import { anyCaller } from "../lib/identify.js";
import { nothing, on, route } from "../lib/route.js";
import { Envelope, send, weigh } from "../lib/send.js";

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
