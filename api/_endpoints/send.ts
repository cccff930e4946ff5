import { Envelope, send, weigh } from "../../lib/chat/send.js";
import { anyCaller } from "../../lib/http/authenticate.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";
import { THREADS_MAX } from "../../lib/presence/roster.js";

/** Processes up to 20 stanzas, in order. Throws what the first one that fails throws. */
const deliver = endpoint({
  who: anyCaller,
  path: noIds,
  query: nothing,
  body: Envelope,
  rateLimit: "send",
  weight: (stanzas, _query, _request, chat, who) => weigh(stanzas, chat.threadCounts.of(who, THREADS_MAX)),
  run: ({ chat, caller, body, now }) => send(chat, caller, body, now),
});

export const endpoints: Endpoints = {
  "POST /send": deliver,
  "POST /send/:token": deliver,
};
