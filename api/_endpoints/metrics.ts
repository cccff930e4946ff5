import { readOutbox } from "../../lib/hooks/outbox-reading.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import { bounded } from "../../lib/http/problem.js";
import type { Endpoints } from "../../lib/http/route.js";
import { serviceCaller } from "../../lib/http/service-credential.js";
import { readPushes } from "../../lib/push/push-reading.js";

export const endpoints: Endpoints = {
  /** Reports what this instance does, as Prometheus reads it. */
  "GET /metrics": endpoint({
    who: serviceCaller,
    path: noIds,
    query: nothing,
    body: nothing,
    rateLimit: "server",
    run: async ({ chat, now }) => {
      const { reached } = chat.horizon;
      const events = {
        name: "events_total",
        help: "Events of the whole deployment, as a number that grows by one for each",
        type: "counter",
        value: reached,
      } as const;
      const waiting = await Promise.all([readOutbox(chat, now), readPushes(chat, now)]);
      return chat.metrics.format([events, ...waiting.flat()]);
    },
    reply: (text) => bounded(text, 200, "text/plain; version=0.0.4; charset=utf-8"),
  }),
};
