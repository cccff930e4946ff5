import { linked } from "../environment/abort.js";
import type { Attention, AttentionChange } from "../environment/attention.js";
import { backoff, type Clock, Pause } from "../environment/backoff.js";
import type { ChatError } from "../protocol/problem.js";
import type { Answer, Stanza } from "../protocol/stanza.js";
import { Haste } from "./haste.js";
import type { LiveEnd, LiveWatch } from "./live.js";
import type { NetworkPath } from "./network-path.js";

export type PollSource = {
  /** The class of its failures. */
  readonly Error: typeof ChatError;
  /** Polls once; the response is held for up to `wait` seconds. */
  poll(cursor: string | undefined, wait: number, signal: AbortSignal): Promise<Answer>;
  /**
   * Reads an event stream until it ends. Rejects when the deployment refuses it, and when `signal` aborts. Undefined while its code is not
   * loaded.
   */
  readonly live: ((cursor: string, watch: LiveWatch, signal: AbortSignal) => Promise<LiveEnd>) | undefined;
  /** Processes the response to a cursor; the next poll starts after that. */
  receive(answer: Answer, asked: string | undefined): Promise<void>;
  /** Called after a failure; the poll will be retried. */
  failed(error: ChatError): void;
};

type ReadLive = (watch: LiveWatch, signal: AbortSignal) => Promise<LiveEnd>;

// So long after the last event, a hidden page stops holding polls, and polls at growing intervals. They stay short enough to keep the
// user available: each change of presence goes to all contacts, and costs more than the polls.
const IDLE_MS = 300_000;
const INTERVAL_MS = { first: 15_000, max: 45_000 };
// The interval for a visible page on a network where no poll can be held.
const SHORT_MS = 2_000;
// A poll that fails earlier was refused, not held for too long.
const HELD_MS = 2_000;
// When somebody looks, a connection that has been silent for longer may have died without a sign.
const STALE_MS = 3_000;
/** Follows the stream: reads event streams where the path allows that, else polls, each time from where the last response ended. */
export class Poller {
  #source: PollSource;
  #path: NetworkPath;
  #attention: Attention;
  #clock: Clock;
  #pause: Pause;
  #poll = new AbortController();
  #lastEvent: number;
  #quietPolls = 0;
  #haste = new Haste();
  /** When the request that is under way began, or its event stream last brought something. */
  #heardAt = 0;
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
        const failure = error instanceof this.#source.Error ? error : this.#unreachable();
        this.#succeeded = false;
        this.#path.unreachable();
        this.#source.failed(failure);
        await this.#pause.wait(failure.retryAfter, backoff(++failures, this.#clock.random()), signal);
      }
    }
    stop();
  }

  #unreachable(): ChatError {
    return new this.#source.Error({ code: "unreachable", status: 0 });
  }

  /** Polls anew when the network has changed, or when somebody looks after a while or a failure: the path may have been dead. */
  #attend(change: AttentionChange): void {
    if (change === "hidden") return;
    if (change === "offline") this.#source.failed(this.#unreachable());
    if (change === "online") this.#path.changed();
    this.#lastEvent = this.#clock.now();
    this.#pause.wake(true);
    // Also where the clock was set back.
    const isStale = Math.abs(this.#clock.now() - this.#heardAt) > STALE_MS;
    if (change !== "visible" || !this.#succeeded || isStale) this.#poll.abort();
  }

  /** Whether the page is hidden, and nothing happened for a while. */
  #isIdle(): boolean {
    return !this.#attention.visible && this.#clock.now() - this.#lastEvent > IDLE_MS;
  }

  /** Notes whether stanzas other than presence came, and returns that. */
  #note(stanzas: readonly Stanza[]): boolean {
    const isNews = stanzas.some(({ type }) => type !== "presence");
    if (isNews) this.#lastEvent = this.#clock.now();
    return isNews;
  }

  /** Reads the stream until a response ends, and returns the ms to pause. */
  #round(cursor: string | undefined, signal: AbortSignal): Promise<number> {
    const start = this.#clock.now();
    this.#heardAt = start;
    const idle = this.#isIdle();
    const { live } = this.#source;
    return live && cursor !== undefined && this.#succeeded && !idle && this.#path.isLive(start)
      ? this.#live((watch, either) => live(cursor, watch, either), start, signal)
      : this.#pollOnce(cursor, start, idle, signal);
  }

  /** Polls once, and returns the ms to pause: as long as the deployment requests, and longer while the page is idle. */
  async #pollOnce(cursor: string | undefined, start: number, idle: boolean, signal: AbortSignal): Promise<number> {
    const wait = idle || !this.#succeeded ? 0 : Math.min(this.#path.wait, this.#hold);
    const answer = await this.#request(cursor, wait, start, signal);
    await this.#source.receive(answer, cursor);
    // Advice with a `hold` is for idle clients. Somebody who looks at the page must not wait for a message.
    const ignored = answer.hold !== undefined && this.#attention.visible;
    this.#hold = (ignored ? undefined : answer.hold) ?? Number.POSITIVE_INFINITY;
    const pause = ignored ? 0 : (answer.pause ?? 0) * 1_000;
    this.#quietPolls = this.#note(answer.stanzas) ? 0 : this.#quietPolls + 1;
    const held = wait > 0 || !this.#succeeded;
    this.#succeeded = true;
    const brought = answer.stanzas.length > 0 && answer.cursor !== cursor;
    const hasty = wait > 0 || answer.more ? this.#haste.pause(this.#clock.now() - start, brought) : 0;
    if (held || answer.more) return Math.max(pause, hasty);
    return Math.max(pause, idle ? Math.min(INTERVAL_MS.max, INTERVAL_MS.first * 2 ** this.#quietPolls) : SHORT_MS);
  }

  /** Reads an event stream until it ends, and returns the ms to pause. After one that fails, the next poll shows what is the matter. */
  async #live(read: ReadLive, start: number, signal: AbortSignal): Promise<number> {
    let brought = false;
    const watch: LiveWatch = {
      proven: () => this.#path.streamed(this.#clock.now()),
      heard: (stanzas) => {
        this.#heardAt = this.#clock.now();
        brought = stanzas.length > 0 || brought;
        this.#note(stanzas);
        // A hidden page lets go of its stream, and goes on with polls.
        if (this.#isIdle()) this.#poll.abort();
      },
    };
    const reading = (either: AbortSignal) => read(watch, either);
    const { how, pause } = await this.#abortable(reading, signal, () => {});
    const now = this.#clock.now();
    this.#succeeded = how === "in order";
    if (this.#attention.offline) return 0;
    if (how === "held back") this.#path.heldBack(now);
    else this.#path.streamEnded(how, (now - start) / 1_000, now);
    return how === "in order" ? Math.max(pause, this.#haste.pause(this.#clock.now() - start, brought)) : 0;
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
      if (error instanceof this.#source.Error && error.code === "unreachable" && !either.signal.aborted) died();
      throw error;
    } finally {
      either.done();
    }
  }
}
