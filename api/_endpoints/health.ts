import { anonymous } from "../../lib/http/authenticate.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import { health } from "../../lib/http/health.js";
import type { Endpoints } from "../../lib/http/route.js";

export const endpoints: Endpoints = {
  /** Reports whether the store answers, and how fast. Throws `unavailable`, `rate_limited`. */
  "GET /health": endpoint({
    who: anonymous,
    path: noIds,
    query: nothing,
    body: nothing,
    rateLimit: "health",
    run: ({ chat, now }) => health(chat, now),
  }),
};
