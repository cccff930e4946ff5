import { hasPassed } from "../elapsed.js";
import { readClock } from "../log/clock.js";
import type { Clock } from "../log/cursor.js";
import type { Log } from "../log/log.js";
import type { TailMemory } from "../log/tail-memory.js";
import { describeError } from "../logger.js";
import type { Caller } from "../people/caller.js";
import type { DeliveryReceipt, DeliveryReceipts } from "./delivery-receipts.js";
import { type LeaseHolder, renew } from "./lease.js";
import { makeAvailable, restore, sweepAll } from "./presence.js";

/**
 * Leases are renewed by the first read of the clock after this time, in ms: less than a second before the read that an idle instance makes
 * every 30 s, which checks once a second. So they go along with that, and cause no read of their own.
 */
export const RENEW_MS = 29_500;

/**
 * Keeps users available who hold polls at this instance: begins a lease with the first poll, and renews it for as long as polls are held.
 */
export class LeaseRenewal {
  readonly #log: Log;
  readonly #receipts: DeliveryReceipts;
  /** The leases that this instance has begun or renewed, and when. */
  readonly #leases = new Map<string, { caller: Caller; at: number }>();
  #renewed = 0;

  constructor(log: Log, receipts: DeliveryReceipts) {
    this.#log = log;
    this.#receipts = receipts;
  }

  /** Notes that a user polls. The first poll after 29.5 s begins a lease. */
  attend(caller: Caller, now: number): void {
    const entity = caller.actor.id;
    const known = this.#leases.get(entity);
    if (known !== undefined) known.caller = caller;
    if (known !== undefined && !hasPassed(RENEW_MS, known.at, now)) return;
    this.#leases.set(entity, { caller, at: now });
    makeAvailable(this.#log, caller, now).catch((error) => {
      this.#leases.delete(entity);
      this.#log.logger.error("lease_failed", describeError(error));
    });
  }

  /** Whether leases or delivery receipts are due. */
  isDue(now: number): boolean {
    return this.#leasesAreDue(now) || this.#receipts.isDue(now);
  }

  /** Reads the clock; the same script renews leases and sends receipts that are due. */
  readClock(held: readonly string[], memory: TailMemory | undefined): Promise<Clock> {
    const now = Date.now();
    const due = this.#leasesAreDue(now) ? held : [];
    const receipts = this.#receipts.due(memory, now);
    return due.length + receipts.length > 0 ? this.#renew(due, receipts, now) : readClock(this.#log);
  }

  #leasesAreDue(now: number): boolean {
    return hasPassed(RENEW_MS, this.#renewed, now);
  }

  /** Renews leases, sends receipts, sweeps expired leases of any instance, and returns the clock that was read with them. */
  async #renew(held: readonly string[], receipts: readonly DeliveryReceipt[], now: number): Promise<Clock> {
    const { clock, added, over } = await renew(this.#log, held, now, receipts);
    this.#receipts.sent(receipts, now);
    if (held.length > 0) this.#renewed = now;
    const here = held.flatMap((entity) => this.#leases.get(entity) ?? []);
    for (const lease of here) lease.at = now;
    for (const [entity, lease] of this.#leases) if (hasPassed(RENEW_MS * 2, lease.at, now)) this.#leases.delete(entity);
    // The read of the clock neither waits for these events nor fails with them: a contact who misses one sees it in the next roster.
    void this.#publish(added > 0 ? here.map((it) => it.caller) : [], over, now).catch((error) =>
      this.#log.logger.error("presence_failed", describeError(error)),
    );
    return clock;
  }

  async #publish(swept: Caller[], over: LeaseHolder[], now: number): Promise<void> {
    if (swept.length > 0) await restore(this.#log, swept, now);
    await sweepAll(this.#log, over, now);
  }
}
