import { streamCaller } from "../../lib/http/authenticate.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";
import { refuseStream, stream, weighStream } from "../../lib/http/stream-response.js";
import { StreamQuery } from "../../lib/stream/follow.js";

/**
 * Returns what happened after a cursor, at once or as soon as something happens. Throws `bad_cursor`, `token_unknown`, `unauthenticated`.
 */
const poll = endpoint({
  who: streamCaller,
  path: noIds,
  query: StreamQuery,
  body: nothing,
  rateLimit: "stream",
  weight: (_, query, request, chat, who) => weighStream(chat, query, request, who),
  run: ({ chat, caller, query, request }) => stream(chat, caller, query, request),
  reply: (response) => response,
  refuse: refuseStream,
});

export const endpoints: Endpoints = {
  "GET /stream": poll,
  "GET /stream/:token": poll,
};
