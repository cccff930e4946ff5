import type { TextStore } from "../environment/text-store.js";
import type { Mode } from "../protocol/report.js";

// Seconds: a little less than the idle timeouts that are common in proxies.
const WAITS = [5, 15, 25, 55];
const DEFAULT_WAIT = 25;
// A longer wait is tried after so many polls in a row that were held to their end.
const ENOUGH = 3;
// Networks change: what was learnt is measured again after a day.
const EXPIRY_MS = 86_400_000;

/** What is remembered of a path: the wait it allows, the age at which polls die, and whether it streams; `at` is when that was learnt. */
export type Known = { wait: number; ceiling?: number; live?: boolean; at: number };

/** Learns from each poll for how long the network path to a deployment lets one be held. */
export class NetworkPath {
  #known: Known;
  #lives = 0;
  #death: number | undefined;
  #store: TextStore | undefined;

  constructor(store: TextStore | undefined, now: number) {
    this.#store = store;
    const known = parse(store?.get("path"));
    this.#known = known !== undefined && now - known.at < EXPIRY_MS ? known : { wait: DEFAULT_WAIT, at: now };
  }

  /** Seconds to hold the next poll; 0 where none can be held. */
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
    const longer = WAITS.find((wait) => wait > this.wait && wait < (this.#known.ceiling ?? Number.POSITIVE_INFINITY));
    if (longer !== undefined) this.learn({ ...this.#known, wait: longer }, now);
  }

  /** A poll died after so many seconds. A server restart causes that as well, but not twice at the same age. */
  died(seconds: number, now: number): void {
    const again = this.#death !== undefined && Math.abs(seconds - this.#death) < 0.2 * seconds + 0.5;
    this.#death = seconds;
    const wait = WAITS.findLast((it) => it < Math.min(seconds, this.wait)) ?? (again ? 0 : (WAITS[0] ?? 0));
    this.learn({ wait, ...(again ? { ceiling: Math.ceil(seconds) } : {}) }, now);
  }

  /** An event stream died. */
  streamDied(now: number): void {
    this.learn({ ...this.#known, live: false }, now);
  }

  learn(known: Omit<Known, "at">, now: number): void {
    this.#known = { ...known, at: now };
    this.#lives = 0;
    this.#store?.set("path", JSON.stringify(this.#known));
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
