import type { TextStore } from "../environment/text-store.js";
import type { Mode } from "../protocol/report.js";

// Seconds: a little less than the idle timeouts that are common in proxies.
const WAITS = [5, 15, 25, 55];
const DEFAULT_WAIT = 25;
// A longer wait is tried after so many polls in a row that were held to their end.
const ENOUGH = 3;
// Networks change: what was learnt is measured again after a day.
const EXPIRY_MS = 86_400_000;
// An event stream that dies earlier is worth less than polls, which would have been answered twice by then.
const YOUNG_S = 60;
// A server that restarts ends a young stream, too, but seldom twice in a row.
const DEATHS_MAX = 2;

/**
 * What is remembered of a path: the wait it allows and the age at which polls die, learnt at `at`; whether it passes event streams on as
 * they are written, learnt at `tried`.
 */
export type Known = {
  wait: number;
  ceiling?: number | undefined;
  at: number;
  live?: boolean | undefined;
  tried?: number | undefined;
};

/** Learns from each request how the network path to a deployment lets the stream be read. */
export class NetworkPath {
  #known: Known;
  #lives = 0;
  #death: number | undefined;
  /** Event streams that died young in a row. */
  #youngDeaths = 0;
  #store: TextStore | undefined;

  constructor(store: TextStore | undefined, now: number) {
    this.#store = store;
    const known = parse(store?.get("path")) ?? { wait: DEFAULT_WAIT, at: now };
    const isFresh = !hasExpired(known.at, now);
    this.#known = isFresh ? known : { wait: DEFAULT_WAIT, at: now, live: known.live, tried: known.tried };
  }

  /** Seconds to hold the next poll; 0 where none can be held. */
  get wait(): number {
    return this.#known.wait;
  }

  get mode(): Mode {
    if (this.#known.live !== false) return "live";
    return this.wait === 0 ? "short-poll" : "long-poll";
  }

  /** Whether to read event streams: they have not failed on this path within a day. */
  isLive(now: number): boolean {
    return this.#known.live !== false || hasExpired(this.#known.tried, now);
  }

  /** A poll of so many seconds was held to its end. */
  lived(seconds: number, now: number): void {
    this.#death = undefined;
    if (seconds < this.wait || ++this.#lives < ENOUGH) return;
    const { ceiling = Number.POSITIVE_INFINITY } = this.#known;
    const longer = WAITS.find((wait) => wait > this.wait && wait < ceiling);
    if (longer !== undefined) this.#learnWait({ ...this.#known, wait: longer }, now);
  }

  /** A poll died after so many seconds. A server restart causes that as well, but not twice at the same age. */
  died(seconds: number, now: number): void {
    const again = this.#death !== undefined && Math.abs(seconds - this.#death) < 0.2 * seconds + 0.5;
    this.#death = seconds;
    const wait = WAITS.findLast((it) => it < Math.min(seconds, this.wait)) ?? (again ? 0 : (WAITS[0] ?? 0));
    this.#learnWait({ wait, ceiling: again ? Math.ceil(seconds) : undefined }, now);
  }

  /** An event stream arrived as it was written. */
  streamed(now: number): void {
    if (this.#known.live !== true) this.#learnLive(true, now);
  }

  /** What was written to an event stream did not arrive in time. A path that is known to stream may have been slow once. */
  heldBack(now: number): void {
    if (this.#known.live === true) this.streamEnded("died", 0, now);
    else this.#learnLive(false, now);
  }

  /** An event stream ended, after so many seconds: by the server, or cut off. */
  streamEnded(how: "in order" | "died", seconds: number, now: number): void {
    this.#youngDeaths = how === "died" && seconds < YOUNG_S ? this.#youngDeaths + 1 : 0;
    if (this.#youngDeaths === DEATHS_MAX) this.#learnLive(false, now);
  }

  /** The deployment could not be reached: the stream that died before does not tell anything about the path. */
  unreachable(): void {
    this.#youngDeaths = 0;
  }

  /** The browser has another network: that streams failed says nothing about it. */
  changed(): void {
    this.#youngDeaths = 0;
    if (this.#known.live === false) this.#save({ ...this.#known, live: undefined });
  }

  /** Takes over what was measured. */
  learn({ live, ...known }: Pick<Known, "wait" | "ceiling"> & { live: boolean }, now: number): void {
    this.#learnWait(known, now);
    this.#learnLive(live, now);
  }

  #learnWait({ wait, ceiling }: Pick<Known, "wait" | "ceiling">, now: number): void {
    this.#lives = 0;
    this.#save({ ...this.#known, wait, ceiling, at: now });
  }

  #learnLive(live: boolean, now: number): void {
    this.#youngDeaths = 0;
    this.#save({ ...this.#known, live, tried: now });
  }

  #save(known: Known): void {
    this.#known = known;
    this.#store?.set("path", JSON.stringify(known));
  }
}

/** Whether something was learnt more than a day ago, or by a clock that was wrong by more. */
function hasExpired(at = 0, now: number): boolean {
  return Math.abs(now - at) >= EXPIRY_MS;
}

function parse(text: string | undefined): Known | undefined {
  try {
    const known = JSON.parse(text ?? "null");
    return typeof known?.wait === "number" && typeof known.at === "number" ? known : undefined;
  } catch {
    return undefined;
  }
}
