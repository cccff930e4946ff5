import { linked } from "../environment/abort.js";
import type { Attention } from "../environment/attention.js";

export type Role = {
  /** Follows for all tabs, until `signal` aborts. */
  lead(signal: AbortSignal): Promise<void>;
  /** Asks the leading tab how it stands. */
  ask(): void;
  /** Tells the other tabs how this one stands, which leads. */
  report(): void;
};

// A tab that lives answers within milliseconds; one that does not for so long is frozen, or gone.
const PATIENCE_MS = 2_000;
const LOOK_MS = 30_000;

/** Which tab leads: the one that has a lock, which is free again when it dies. Somebody should look at it, if at any. */
export class Lead {
  mine = false;
  readonly #name: string;
  readonly #role: Role;
  readonly #attention: Attention;
  readonly #closed: AbortSignal;
  #turn: ReturnType<typeof linked> | undefined;
  #asked: ReturnType<typeof setTimeout> | undefined;

  constructor(name: string, role: Role, attention: Attention, closed: AbortSignal) {
    this.#name = name;
    this.#role = role;
    this.#attention = attention;
    this.#closed = closed;
    const stop = attention.on((change) => {
      if (!this.mine) this.#look();
      else if (change === "hidden") role.report();
    });
    const timer = setInterval(() => this.#look(), LOOK_MS);
    closed.addEventListener("abort", () => {
      stop();
      clearInterval(timer);
      clearTimeout(this.#asked);
    });
    this.#stand(false);
    this.#look();
  }

  /** The leading tab has answered. Hidden ones are slowed down, and let go of their polls. */
  answered(visible: boolean): void {
    clearTimeout(this.#asked);
    this.#asked = undefined;
    if (!visible && this.#attention.visible) this.#stand(true);
  }

  /** Asks the leading tab how it stands; takes the lead when nobody answers. */
  #look(): void {
    if (this.mine || this.#asked !== undefined) return;
    this.#asked = setTimeout(() => {
      this.#asked = undefined;
      if (!this.mine) this.#stand(true);
    }, PATIENCE_MS);
    this.#role.ask();
  }

  /** Stands in the queue for the lead, or takes it from whoever has it; afterwards stands in the queue again. */
  #stand(steal: boolean): void {
    this.#turn?.abort();
    const turn = linked(this.#closed);
    this.#turn = turn;
    const lead = async (signal: AbortSignal) => {
      if (signal.aborted) return;
      this.mine = true;
      this.#role.report();
      await this.#role.lead(signal);
    };
    const over = (again: boolean) => {
      turn.abort();
      turn.done();
      if (this.#turn !== turn || this.#closed.aborted) return;
      this.mine = false;
      // Where no lock is to be had, each tab leads itself.
      if (again) this.#stand(false);
      else void lead(this.#closed);
    };
    navigator.locks
      .request(this.#name, steal ? { steal } : { signal: turn.signal }, () => lead(turn.signal))
      .then(
        () => over(true),
        (error) => over(error?.name === "AbortError"),
      );
  }
}
