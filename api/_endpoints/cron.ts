import { timingSafeEqual } from "node:crypto";
import { Fault } from "../../lib/fault.js";
import { anonymous } from "../../lib/http/authenticate.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";
import { digest } from "../../lib/store/keys.js";

// Each is a request to the storage, all at once.
const SWEPT = 100;

export const endpoints: Endpoints = {
  /** Does what instances left undone, as a clock calls it with `CRON_SECRET`: tells the host's server what waits, and sends the pushes that wait. Throws `unauthenticated`, `not_found`. */
  "GET /cron": endpoint({
    who: anonymous,
    path: noIds,
    query: nothing,
    body: nothing,
    rateLimit: "health",
    async run({ chat, request }) {
      const { cronSecret } = chat.config;
      if (cronSecret === undefined) throw new Fault("not_found");
      if (!isSame(request.headers.get("authorization") ?? "", `Bearer ${cronSecret}`))
        throw new Fault("unauthenticated");
      await Promise.all([chat.webhooks?.run(), chat.pushing?.run()]);
      const { sweepFiles } = await import("../../lib/chat/file-sweep.js");
      await sweepFiles(chat, SWEPT, Date.now());
      return { timestamp: new Date().toISOString() };
    },
  }),
};

function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(digest(given)), Buffer.from(digest(expected)));
}
