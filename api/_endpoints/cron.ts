import { timingSafeEqual } from "node:crypto";
import { Fault } from "../../lib/fault.js";
import { anonymous } from "../../lib/http/authenticate.js";
import type { ChatContext } from "../../lib/http/chat-context.js";
import { CronQuery } from "../../lib/http/cron-query.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import type { Endpoints } from "../../lib/http/route.js";
import { describeError } from "../../lib/logger.js";
import { digest } from "../../lib/store/keys.js";

// Each is a request to the storage, all at once.
const SWEPT = 100;

export const endpoints: Endpoints = {
  /**
   * Does what instances left undone, as a clock calls it with `CRON_SECRET`: tells the host's server what waits, sends the pushes that wait, removes
   * files that are due; and says of each whether it could. With `check=1` it only looks at the secret. Throws `unauthenticated`, `not_found`,
   * `unavailable` where none could be done.
   */
  "GET /cron": endpoint({
    who: anonymous,
    path: noIds,
    query: CronQuery,
    body: nothing,
    rateLimit: "health",
    async run({ chat, query, request, now }) {
      const { cronSecret } = chat.config;
      if (cronSecret === undefined) throw new Fault("not_found");
      if (!isSame(request.headers.get("authorization") ?? "", `Bearer ${cronSecret}`))
        throw new Fault("unauthenticated");
      const running = query.check === undefined ? begin(chat, now) : {};
      const ended = await Promise.all(
        Object.entries(running).map(async ([job, done]) => [job, (await done) ? "done" : "failed"] as const),
      );
      if (ended.length > 0 && ended.every(([, how]) => how === "failed"))
        throw new Fault("unavailable", { detail: "No job could be done", retryAfter: 60 });
      return { timestamp: new Date().toISOString(), jobs: Object.fromEntries(ended) };
    },
  }),
};

function begin(chat: ChatContext, now: number): Readonly<Record<string, Promise<boolean>>> {
  return {
    ...(chat.webhooks && { webhooks: chat.webhooks.run() }),
    ...(chat.pushing && { pushes: chat.pushing.run() }),
    ...(chat.storage && { files: sweep(chat, now) }),
  };
}

/** Removes files that are due. Returns whether it could; the other jobs have nothing to do with the storage of files. */
async function sweep(chat: ChatContext, now: number): Promise<boolean> {
  try {
    const { sweepFiles } = await import("../../lib/chat/file-sweep.js");
    await sweepFiles(chat, SWEPT, now);
    return true;
  } catch (error) {
    chat.logger.error("sweep_failed", describeError(error));
    return false;
  }
}

function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(digest(given)), Buffer.from(digest(expected)));
}
