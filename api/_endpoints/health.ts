import { anonymous } from "../../lib/http/authenticate.js";
import { endpoint, nothing } from "../../lib/http/endpoint.js";
import { health } from "../../lib/http/health.js";
import type { Endpoints } from "../../lib/http/route.js";

export const endpoints: Endpoints = {
  /** Reports whether the store answers, and how fast. Throws `unavailable`. */
  "GET /health": endpoint({ who: anonymous, query: nothing, body: nothing, run: ({ chat }) => health(chat) }),
};
