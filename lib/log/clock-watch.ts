import { setTimeout as sleep } from "node:timers/promises";
import { readClock } from "./clock.js";
import type { HeldPolls } from "./held-polls.js";
import type { Log } from "./log.js";

// From 100 ms, for a wire that is only being reconnected, to two seconds, for one that does not come back.
const PAUSE_MS = { first: 100, most: 2_000 };

/** Does without the wire while it is down: one loop for the whole instance reads the clock, and wakes the polls that it has left behind. */
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

  /** Begins to watch, unless that is going on; it ends by itself when the wire stands again or no poll is held. */
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

/** Calls `look` until it returns `done`: often while something moves, then ever less often. */
export async function watch(look: () => Promise<"moved" | "still" | "done">): Promise<void> {
  for (let pause = PAUSE_MS.first; ; ) {
    await sleep(pause, undefined, { ref: false });
    const seen = await look().catch(() => "still" as const);
    if (seen === "done") return;
    pause = seen === "moved" ? PAUSE_MS.first : Math.min(PAUSE_MS.most, pause * 1.5);
  }
}
