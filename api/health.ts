import { health } from "../lib/health.js";
import { anybody } from "../lib/identify.js";
import { nothing, on, route } from "../lib/route.js";

export const { DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT } = route({
  /** Tells whether the store answers, and how fast. Throws `unavailable`. */
  "GET /health": on({ who: anybody, query: nothing, body: nothing, run: health }),
});
