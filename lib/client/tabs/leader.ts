import { linked, onAbort } from "../environment/abort.js";
import type { Attention } from "../environment/attention.js";

export type TabRole = {
  /** Polls for all tabs until `signal` aborts. */
  lead(signal: AbortSignal): Promise<void>;
  /** Requests the status of the leader tab. */
  ask(): void;
  /** Sends the status of this tab, the leader, to the other tabs. */
  report(): void;
};

// A live leader responds within milliseconds. One that does not respond for so long is frozen or gone.
const TIMEOUT_MS = 2_000;
const CHECK_MS = 30_000;
// A browser grants a stolen lock at once. One that has not by then has lost its lock manager.
const GRANT_MS = 3_000;

/** Elects the leader tab: the one that holds a lock, which the browser releases when the tab dies. Prefers a visible tab. */
export class LeaderElection {
  isLeader = false;
  readonly #name: string;
  readonly #role: TabRole;
  readonly #attention: Attention;
  readonly #closed: AbortSignal;
  #turn: ReturnType<typeof linked> | undefined;
  #timeout: ReturnType<typeof setTimeout> | undefined;

  constructor(name: string, role: TabRole, attention: Attention, closed: AbortSignal) {
    this.#name = name;
    this.#role = role;
    this.#attention = attention;
    this.#closed = closed;
    const stop = attention.on((change) => {
      if (!this.isLeader) this.#check();
      else if (change === "hidden") role.report();
    });
    const timer = setInterval(() => this.#check(), CHECK_MS);
    onAbort(closed, () => {
      stop();
      clearInterval(timer);
      clearTimeout(this.#timeout);
    });
    this.#request(false);
    this.#check();
  }

  /** The leader has sent its status. A visible tab replaces a hidden leader: browsers throttle hidden tabs, and abort their polls. */
  responded(visible: boolean): void {
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
    if (!visible && this.#attention.visible) this.#request(true);
  }

  /** Requests the status of the leader, and replaces it when it does not respond in time. */
  #check(): void {
    if (this.isLeader || this.#timeout !== undefined) return;
    this.#timeout = setTimeout(() => {
      this.#timeout = undefined;
      if (!this.isLeader) this.#request(true);
    }, TIMEOUT_MS);
    this.#role.ask();
  }

  /** Queues for the lock, or steals it from its holder. A tab that loses the lock queues for it again. */
  #request(steal: boolean): void {
    this.#turn?.abort();
    const turn = linked(this.#closed);
    this.#turn = turn;
    const lead = async (signal: AbortSignal) => {
      clearTimeout(ungranted);
      if (signal.aborted) return;
      this.isLeader = true;
      this.#role.report();
      await this.#role.lead(signal);
    };
    const end = (again: boolean) => {
      clearTimeout(ungranted);
      turn.abort();
      turn.done();
      if (this.#turn !== turn || this.#closed.aborted) return;
      this.isLeader = false;
      // Without locks, each tab is its own leader.
      if (again) this.#request(false);
      else void lead(this.#closed);
    };
    const ungranted = steal ? setTimeout(() => end(false), GRANT_MS) : undefined;
    const request = async () =>
      navigator.locks.request(this.#name, steal ? { steal } : { signal: turn.signal }, () => lead(turn.signal));
    request().then(
      () => end(true),
      (error) => end(error?.name === "AbortError"),
    );
  }
}
