import { anybody } from "../lib/http/authenticate.js";
import { health } from "../lib/http/health.js";
import { nothing, on, route } from "../lib/http/route.js";

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = route({
  /** Tells whether the store answers, and how fast. Throws `unavailable`. */
  "GET /health": on({ who: anybody, query: nothing, body: nothing, run: health }),
});
