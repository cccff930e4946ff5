import { hasPassed } from "../elapsed.js";
import { Fault } from "../fault.js";
import type { Logger } from "../logger.js";
import type { StoredDevice } from "./devices.js";
import type { Envelope } from "./payload.js";
import type { PushPost } from "./push-post.js";
import type { Due, Rung } from "./push-queue.js";

const LANES = 16;
// After this time a round begins no further attempt.
const ROUND_MS = 15_000;
// What failed is tried again after these times, in s; then it is given up: who was away for so long finds the message on the page.
const BACKOFF_S = [10, 60, 300, 1_800, 3_600];
// So many failures in a row: the service is down, not one device wrong.
const DOWN = 4;
// Safari ends a subscription whose pushes show nothing.
const SHOWS_ALL = /(^|\.)push\.apple\.com$/;

/** A push to one device. `again` is how it is looked at again when it fails; undefined for one that takes a notification back. */
export type Delivery = {
  thread: string;
  entity: string;
  id: string;
  device: StoredDevice;
  payload: string;
  envelope: Envelope;
  again: Due | undefined;
};

/** One round of posts to push services, and what became of them. */
export class Deliveries {
  /** What reached a device. */
  readonly rung: Rung[] = [];
  /** What is looked at again, and when. */
  readonly again: (Due & { at: number })[] = [];
  /** The devices that are no more. */
  readonly gone: { entity: string; id: string }[] = [];
  readonly #logger: Logger;
  readonly #failures = new Map<string, number>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Posts everything, or leaves it for later: to a service that seems to be down, and when the time is over. */
  async run(post: PushPost, all: readonly Delivery[]): Promise<void> {
    const began = Date.now();
    const queue = [...all];
    const lane = async () => {
      for (let it = queue.shift(); it !== undefined; it = queue.shift()) {
        const { host } = new URL(it.device.endpoint);
        if (it.again === undefined && SHOWS_ALL.test(host)) continue;
        if (hasPassed(ROUND_MS, began, Date.now())) this.#wait(it, 0);
        else if ((this.#failures.get(host) ?? 0) >= DOWN) this.#wait(it, (BACKOFF_S[0] ?? 0) * 1_000);
        else await this.#deliver(post, it, host);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  async #deliver(post: PushPost, it: Delivery, host: string): Promise<void> {
    const { thread, entity, id, device, payload, envelope, again } = it;
    try {
      const { status, retryMs } = await post.post(device, payload, envelope);
      const isFailure = status === 429 || status >= 500;
      this.#failures.set(host, isFailure ? (this.#failures.get(host) ?? 0) + 1 : 0);
      if (isFailure) this.#retry(it, host, `status ${status}`, retryMs);
      else if (status === 404 || status === 410) this.gone.push({ entity, id });
      else if (status > 299) this.#logger.error("push_refused", { host, status });
      else if (again !== undefined) this.rung.push({ thread, seq: again.seq, entity });
    } catch (error) {
      // An endpoint that may not be reached any more.
      if (error instanceof Fault) this.gone.push({ entity, id });
      if (error instanceof Fault) return;
      this.#failures.set(host, (this.#failures.get(host) ?? 0) + 1);
      this.#retry(it, host, error instanceof Error && "code" in error ? `${error.code}` : "no response", 0);
    }
  }

  #retry(it: Delivery, host: string, reason: string, retryMs: number): void {
    this.#logger.error("push_failed", { host, reason });
    if (it.again === undefined) return;
    const pause = BACKOFF_S[it.again.attempts];
    if (pause === undefined) this.#logger.error("push_given_up", { host });
    else
      this.#wait({ ...it, again: { ...it.again, attempts: it.again.attempts + 1 } }, Math.max(pause * 1_000, retryMs));
  }

  #wait(it: Delivery, ms: number): void {
    if (it.again !== undefined) this.again.push({ ...it.again, at: Date.now() + ms });
  }
}
