import type { Shelf } from "../environment/text-store.js";
import type { Mode } from "../protocol/report.js";

// Seconds that proxies are known to grant a silent request, each with something to spare.
const RUNGS = [5, 15, 25, 55];
const USUAL = 25;
// So many polls that lived to their end, one after the other, make a longer one worth trying.
const ENOUGH = 3;
// Networks change; what was found out about one is asked again after a day.
const FORGET_MS = 86_400_000;

/** What is remembered of a path: the wait that it bears, the age at which polls die on it, and whether it streams. */
export type Known = { wait: number; ceiling?: number; live?: boolean; at: number };

/** Learns from every poll how long the path to a deployment lets one be held. */
export class Path {
  #known: Known;
  #lives = 0;
  #death: number | undefined;
  #shelf: Shelf | undefined;

  constructor(shelf: Shelf | undefined, now: number) {
    this.#shelf = shelf;
    const known = parse(shelf?.get("path"));
    this.#known = known !== undefined && now - known.at < FORGET_MS ? known : { wait: USUAL, at: now };
  }

  /** Seconds to hold the next poll: 0 where none can be held. */
  get wait(): number {
    return this.#known.wait;
  }

  get mode(): Mode {
    if (this.#known.live) return "live";
    return this.wait === 0 ? "short-poll" : "long-poll";
  }

  /** A poll of so many seconds was held to its end. */
  lived(seconds: number, now: number): void {
    this.#death = undefined;
    if (seconds < this.wait || ++this.#lives < ENOUGH) return;
    const longer = RUNGS.find((rung) => rung > this.wait && rung < (this.#known.ceiling ?? Number.POSITIVE_INFINITY));
    if (longer !== undefined) this.learn({ ...this.#known, wait: longer }, now);
  }

  /** A poll died after so many seconds. A server that restarts does that, too, but not twice at the same age. */
  died(seconds: number, now: number): void {
    const again = this.#death !== undefined && Math.abs(seconds - this.#death) < 0.2 * seconds + 0.5;
    this.#death = seconds;
    const wait = RUNGS.findLast((rung) => rung < Math.min(seconds, this.wait)) ?? (again ? 0 : (RUNGS[0] ?? 0));
    this.learn({ wait, ...(again ? { ceiling: Math.ceil(seconds) } : {}) }, now);
  }

  /** A stream that was held open died. */
  dry(now: number): void {
    this.learn({ ...this.#known, live: false }, now);
  }

  learn(known: Omit<Known, "at">, now: number): void {
    this.#known = { ...known, at: now };
    this.#lives = 0;
    this.#shelf?.set("path", JSON.stringify(this.#known));
  }
}

function parse(text: string | undefined): Known | undefined {
  try {
    const known = JSON.parse(text ?? "null");
    return typeof known?.wait === "number" && typeof known.at === "number" ? known : undefined;
  } catch {
    return undefined;
  }
}
