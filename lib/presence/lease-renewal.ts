import { readClock } from "../log/clock.js";
import type { Clock } from "../log/cursor.js";
import type { Log } from "../log/log.js";
import type { TailMemory } from "../log/tail-memory.js";
import { describeError } from "../logger.js";
import type { Caller } from "../people/caller.js";
import type { DeliveryReceipts, Receipt } from "./delivery-receipts.js";
import { type Lapse, renew } from "./lease.js";
import { announce, arrive, sweepAll } from "./presence.js";

// Leases are renewed together with a look at the clock, whenever one comes after so long; a little sooner than the idle one would.
const RENEW_MS = 28_000;

/** Keeps the users available who hold polls at this instance: begins a lease with the first poll, and renews it for as long as polls are held. */
export class LeaseRenewal {
  readonly #log: Log;
  readonly #receipts: DeliveryReceipts;
  /** Whose leases this instance has begun or renewed, and when. */
  readonly #leases = new Map<string, { caller: Caller; at: number }>();
  #renewed = 0;

  constructor(log: Log, receipts: DeliveryReceipts) {
    this.#log = log;
    this.#receipts = receipts;
  }

  /** Notes that a user polls; the first poll in a while begins a lease. */
  attend(caller: Caller, now: number): void {
    const entity = caller.actor.id;
    const known = this.#leases.get(entity);
    if (known !== undefined) known.caller = caller;
    if (known !== undefined && now - known.at < RENEW_MS) return;
    this.#leases.set(entity, { caller, at: now });
    arrive(this.#log, caller, now).catch((error) => {
      this.#leases.delete(entity);
      this.#log.logger.error("lease_failed", describeError(error));
    });
  }

  /** Whether leases or delivery receipts are due. */
  isDue(now: number): boolean {
    return this.#leasesAreDue(now) || this.#receipts.isDue(now);
  }

  /** Reads the clock; leases and receipts that are due go along in the same script. */
  readClock(held: readonly string[], memory: TailMemory | undefined): Promise<Clock> {
    const now = Date.now();
    const mine = this.#leasesAreDue(now) ? held : [];
    const receipts = this.#receipts.due(memory, now);
    return mine.length + receipts.length > 0 ? this.#renew(mine, receipts, now) : readClock(this.#log);
  }

  #leasesAreDue(now: number): boolean {
    return now - this.#renewed >= RENEW_MS;
  }

  /** Renews leases, sends receipts, sweeps leases that have run out anywhere, and returns the clock that came along. */
  async #renew(held: readonly string[], receipts: readonly Receipt[], now: number): Promise<Clock> {
    const { clock, added, over } = await renew(this.#log, held, now, receipts);
    this.#receipts.sent(receipts, now);
    if (held.length > 0) this.#renewed = now;
    for (const [entity, lease] of this.#leases) if (now - lease.at > RENEW_MS * 2) this.#leases.delete(entity);
    const here = held.flatMap((entity) => this.#leases.get(entity) ?? []);
    for (const lease of here) lease.at = now;
    // The look neither waits for these events nor fails by them: a contact who misses one sees it in the next roster.
    void this.#publish(added > 0 ? here.map((it) => it.caller) : [], over, now).catch((error) =>
      this.#log.logger.error("presence_failed", describeError(error)),
    );
    return clock;
  }

  async #publish(swept: Caller[], over: Lapse[], now: number): Promise<void> {
    if (swept.length > 0) await announce(this.#log, swept, now);
    await sweepAll(this.#log, over, now);
  }
}
