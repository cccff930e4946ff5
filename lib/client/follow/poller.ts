import { linked } from "../environment/abort.js";
import type { Attention, AttentionChange } from "../environment/attention.js";
import { backoff, type Clock, Pause } from "../environment/backoff.js";
import { ChatError } from "../protocol/problem.js";
import type { Answer } from "../protocol/stanza.js";
import type { NetworkPath } from "./network-path.js";

export type PollSource = {
  /** Polls once; the response is held for up to `wait` seconds. */
  poll(cursor: string | undefined, wait: number, signal: AbortSignal): Promise<Answer>;
  /** Reads an event stream until it ends. */
  live(cursor: string, signal: AbortSignal): Promise<void>;
  /** Processes the response to a cursor; the next poll starts after that. */
  receive(answer: Answer, asked: string | undefined): Promise<void>;
  /** Called after a failure; the poll will be retried. */
  failed(error: ChatError): void;
};

// So long after the last event, a hidden page stops holding polls, and polls at growing intervals. They stay short enough to keep the
// user available: each change of presence goes to all contacts, and costs more than the polls.
const IDLE_MS = 300_000;
const INTERVAL_MS = { first: 15_000, max: 45_000 };
// The interval for a visible page on a network where no poll can be held.
const SHORT_MS = 2_000;
// A poll that fails earlier was refused, not held for too long.
const HELD_MS = 2_000;
// An event stream that dies earlier is worth less than polls.
const LIVE_MS = 60_000;
// When somebody looks, a poll that is held for longer may be on a connection that has died without a sign.
const STALE_MS = 3_000;
// A response that brings nothing new and comes earlier was not held: it comes from a cache, or from a proxy that ends what is silent.
const HASTY_MS = 1_000;
const HASTY_PAUSE_MS = 200;

/** Polls in a loop, each time with the cursor of the last response. */
export class Poller {
  #source: PollSource;
  #path: NetworkPath;
  #attention: Attention;
  #clock: Clock;
  #pause: Pause;
  #poll = new AbortController();
  #lastEvent: number;
  #quietPolls = 0;
  #hastyPolls = 0;
  /** When the request that is under way began. */
  #began = 0;
  /** Whether the last poll succeeded. If not, the next one is not held, so that it shows at once whether the deployment is reachable. */
  #succeeded = false;
  #hold = Number.POSITIVE_INFINITY;

  constructor(source: PollSource, path: NetworkPath, attention: Attention, clock: Clock) {
    this.#source = source;
    this.#path = path;
    this.#attention = attention;
    this.#clock = clock;
    this.#pause = new Pause(clock);
    this.#lastEvent = clock.now();
  }

  /** Ends a pause: an event is to be expected. */
  wake(): void {
    this.#lastEvent = this.#clock.now();
    this.#pause.wake();
  }

  /** Polls until `signal` aborts; `cursor` returns where to continue. */
  async run(cursor: () => string | undefined, signal: AbortSignal): Promise<void> {
    const stop = this.#attention.on((change) => this.#attend(change));
    this.#succeeded = false;
    for (let failures = 0; !signal.aborted; ) {
      try {
        const pause = await this.#round(cursor(), signal);
        failures = 0;
        await this.#pause.wait(0, pause, signal);
      } catch (error) {
        if (signal.aborted) break;
        if (this.#poll.signal.aborted) {
          this.#succeeded = false;
          continue;
        }
        // A proxy or a captive portal can return any JSON, so processing it can throw any error.
        const failure = error instanceof ChatError ? error : new ChatError({ code: "unreachable", status: 0 });
        this.#succeeded = false;
        this.#source.failed(failure);
        await this.#pause.wait(failure.retryAfter, backoff(++failures, this.#clock.random()), signal);
      }
    }
    stop();
  }

  /** Polls anew when the network has changed, or when somebody looks after a while. */
  #attend(change: AttentionChange): void {
    if (change === "hidden") return;
    if (change === "offline") this.#source.failed(new ChatError({ code: "unreachable", status: 0 }));
    this.#lastEvent = this.#clock.now();
    this.#pause.wake(true);
    if (change !== "visible" || this.#clock.now() - this.#began > STALE_MS) this.#poll.abort();
  }

  /** Polls once, and returns the ms to pause: as long as the deployment requests, and longer while the page is idle. */
  async #round(cursor: string | undefined, signal: AbortSignal): Promise<number> {
    const start = this.#clock.now();
    this.#began = start;
    const idle = !this.#attention.visible && start - this.#lastEvent > IDLE_MS;
    if (this.#path.mode === "live" && this.#succeeded && !idle && cursor !== undefined) {
      await this.#live(cursor, start, signal);
      return this.#hasty(start, false);
    }
    const wait = idle || !this.#succeeded ? 0 : Math.min(this.#path.wait, this.#hold);
    const answer = await this.#request(cursor, wait, start, signal);
    await this.#source.receive(answer, cursor);
    this.#hold = answer.hold ?? Number.POSITIVE_INFINITY;
    const quiet = answer.stanzas.every(({ type }) => type === "presence");
    if (!quiet) this.#lastEvent = this.#clock.now();
    this.#quietPolls = quiet ? this.#quietPolls + 1 : 0;
    const pause = (answer.pause ?? 0) * 1_000;
    const held = wait > 0 || !this.#succeeded;
    this.#succeeded = true;
    const brought = answer.stanzas.length > 0 && answer.cursor !== cursor;
    const hasty = wait > 0 || answer.more ? this.#hasty(start, brought) : 0;
    if (held || answer.more) return Math.max(pause, hasty);
    return Math.max(pause, idle ? Math.min(INTERVAL_MS.max, INTERVAL_MS.first * 2 ** this.#quietPolls) : SHORT_MS);
  }

  /** Returns the ms to pause after a response that began at `start`: longer each time that one comes at once and brings nothing. */
  #hasty(start: number, brought: boolean): number {
    const hasty = !brought && this.#clock.now() - start < HASTY_MS;
    this.#hastyPolls = hasty ? this.#hastyPolls + 1 : 0;
    return hasty ? Math.min(HASTY_PAUSE_MS * 2 ** this.#hastyPolls, INTERVAL_MS.first) : 0;
  }

  async #live(cursor: string, start: number, signal: AbortSignal): Promise<void> {
    const live = (either: AbortSignal) => this.#source.live(cursor, either);
    // The path no longer lets a stream through: fall back to polls.
    await this.#abortable(live, signal, () => this.#clock.now() - start < LIVE_MS && this.#path.streamDied(start));
  }

  async #request(cursor: string | undefined, wait: number, start: number, signal: AbortSignal): Promise<Answer> {
    const age = () => this.#clock.now() - start;
    const poll = (either: AbortSignal) => this.#source.poll(cursor, wait, either);
    const answer = await this.#abortable(poll, signal, () => {
      if (wait > 0 && age() > HELD_MS && !this.#attention.offline) this.#path.died(age() / 1_000, start);
    });
    if (wait > 0 && age() > wait * 900) this.#path.lived(wait, start);
    return answer;
  }

  /** Runs a request until it ends, `signal` aborts, or a change of attention aborts it. Calls `died` when the network ended it. */
  async #abortable<T>(run: (signal: AbortSignal) => Promise<T>, signal: AbortSignal, died: () => void): Promise<T> {
    this.#poll = new AbortController();
    const either = linked(signal, this.#poll.signal);
    try {
      return await run(either.signal);
    } catch (error) {
      if (error instanceof ChatError && error.code === "unreachable" && !either.signal.aborted) died();
      throw error;
    } finally {
      either.done();
    }
  }
}
