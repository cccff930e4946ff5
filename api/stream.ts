import { listener } from "../lib/http/authenticate.js";
import { nothing, on, route } from "../lib/http/route.js";
import { refuseStream, stream } from "../lib/http/stream-response.js";
import { StreamQuery } from "../lib/stream/follow.js";

/** Answers what happened after a cursor, now or as soon as something does. Throws `bad_cursor`, `token_unknown`, `unauthenticated`. */
const poll = on({
  who: listener,
  query: StreamQuery,
  body: nothing,
  ration: "stream",
  run: ({ caller, query, request }) => stream(caller, query, request),
  reply: (response) => response,
  refuse: refuseStream,
});

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = route({
  "GET /stream": poll,
  "GET /stream/:token": poll,
});
