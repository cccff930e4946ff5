// A tab that reads streams as docs/decisions/028 describes the client: it polls where what is written does not arrive as it is written.

// The server writes something at once, and a comment half a second later.
const FIRST_MS = 2_000;
const PROOF_MS = 1_500;
// Two heartbeats are missing.
const SILENCE_MS = 33_000;
const YOUNG_MS = 60_000;
const DEATHS_MAX = 2;
// The client remembers for a day that a path does not stream; a run is over before that.
const POLLS_MS = 8_000;

/** How a stream ended: by the server, without what was written to it having arrived in time, or cut off. */
export type LiveEnd = "in order" | "held back" | "died";

/** Whether streams arrive on the path of one tab. */
export class LivePath {
  #deaths = 0;
  #pollsUntil = 0;

  streams(now: number): boolean {
    return now >= this.#pollsUntil;
  }

  ended(how: LiveEnd, ageMs: number, now: number): void {
    this.#deaths = how === "died" && ageMs < YOUNG_MS ? this.#deaths + 1 : 0;
    if (how !== "held back" && this.#deaths < DEATHS_MAX) return;
    this.#deaths = 0;
    this.#pollsUntil = now + POLLS_MS;
  }
}

/** Watches one stream for signs that it arrives, and gives it up without them. */
export class Signs {
  #isProven = false;
  #isOver = false;
  #isSilent = false;
  readonly #giveUp: () => void;
  #timer: NodeJS.Timeout;

  constructor(giveUp: () => void) {
    this.#giveUp = giveUp;
    this.#timer = this.#limit(FIRST_MS);
  }

  /** Something has come; `frame` is a comment, or an event. */
  see(frame: string): void {
    if (frame === ": live") this.#isProven = true;
    if (frame === ": end") this.#isOver = true;
    clearTimeout(this.#timer);
    this.#timer = this.#limit(this.#isProven ? SILENCE_MS : PROOF_MS);
  }

  end(): LiveEnd {
    clearTimeout(this.#timer);
    if (this.#isOver) return "in order";
    return this.#isSilent && !this.#isProven ? "held back" : "died";
  }

  #limit(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#isSilent = true;
      this.#giveUp();
    }, ms);
  }
}
