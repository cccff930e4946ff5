import type { Of } from "./history.js";

/** A store that was put back: to how it was at `to`, killed at `killed`, there again at `back`. */
export type Restore = { to: number; killed: number; back: number };

// Servers that stood still, and answers on slow ways, bring what was before into the time after.
const SETTLED_MS = 60_000;

/** What was broken when: it bounds what may be expected. */
export class Outages {
  readonly restores: Restore[] = [];
  readonly #faults: { where: string; from: number; to: number }[] = [];
  readonly #open = new Map<string, { where: string; from: number; to: number }>();

  fault({ where, kind, phase, at }: Of<"fault">): void {
    const name = `${where} ${kind}`;
    const open = this.#open.get(name);
    if (phase === "ends") {
      if (open !== undefined) open.to = at;
      this.#open.delete(name);
      return;
    }
    const fault = { where, from: at, to: Number.POSITIVE_INFINITY };
    this.#open.set(name, fault);
    this.#faults.push(fault);
  }

  /** Whether something was broken at a place in some time, or not long before. */
  broken(where: string, from: number, to: number): boolean {
    return this.#faults.some((it) => it.where === where && it.from <= to && it.to >= from - 2_000);
  }

  /** Whether what was acknowledged in some time may be gone. */
  mayBeGone(began: number, at: number): boolean {
    return this.restores.some((it) => began <= it.back && at >= it.to);
  }

  /** Whether something asked in some time, or a cursor given at its beginning, may be of a history that a restore has ended. */
  isBetween(began: number, at: number): boolean {
    return this.restores.some((it) => at >= it.killed && began <= it.back + SETTLED_MS);
  }
}
