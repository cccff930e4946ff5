import { setTimeout as sleep } from "node:timers/promises";
import { readClock } from "./clock.js";
import type { HeldPolls } from "./held-polls.js";
import type { Log } from "./log.js";

// From 100 ms, for a wire that is being reconnected, to two seconds, for one that stays down.
const PAUSE_MS = { first: 100, most: 2_000 };

/** Replaces the wire while it is down: one loop for the whole instance reads the clock, and wakes the polls that are behind it. */
export class ClockWatch {
  readonly #log: Log;
  readonly #polls: HeldPolls;
  readonly #isReady: () => boolean;
  #running = false;

  constructor(log: Log, polls: HeldPolls, isReady: () => boolean) {
    this.#log = log;
    this.#polls = polls;
    this.#isReady = isReady;
  }

  /** Starts watching, unless it is running; stops by itself when the wire is open again or no poll is held. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    void watch(async () => {
      this.#running = this.#polls.size > 0 && !this.#isReady();
      if (!this.#running) return "done";
      return this.#polls.ringBehind(await readClock(this.#log)) > 0 ? "moved" : "still";
    });
  }
}

/** Calls `check` until it returns `done`: frequently while the clock moves, then less and less often. */
export async function watch(check: () => Promise<"moved" | "still" | "done">): Promise<void> {
  for (let pause = PAUSE_MS.first; ; ) {
    await sleep(pause, undefined, { ref: false });
    const result = await check().catch(() => "still" as const);
    if (result === "done") return;
    pause = result === "moved" ? PAUSE_MS.first : Math.min(PAUSE_MS.most, pause * 1.5);
  }
}
