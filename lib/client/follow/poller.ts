import { linked } from "../environment/abort.js";
import type { Attention } from "../environment/attention.js";
import { type Clock, delay, Rest } from "../environment/backoff.js";
import { ChatError } from "../protocol/problem.js";
import type { Answer } from "../protocol/stanza.js";
import type { Path } from "./network-path.js";

export type Source = {
  /** Asks the stream once, to be held so many seconds. */
  ask(cursor: string | undefined, wait: number, signal: AbortSignal): Promise<Answer>;
  /** Follows an event stream until it ends. */
  live(cursor: string, signal: AbortSignal): Promise<void>;
  /** Takes an answer to a cursor; the next one is asked for after that. Answers the cursor to go on from. */
  take(answer: Answer, asked: string | undefined): Promise<void>;
  /** Hears of a failure; there will be another attempt. */
  failed(error: ChatError): void;
};

// So long after the last news, a page at which nobody looks lets go of its polls, and asks at growing intervals:
// often enough to stay available, since going and coming is told to everybody, and costs more than asking.
const IDLE_MS = 300_000;
const INTERVAL_MS = { first: 15_000, most: 45_000 };
// Where no poll can be held, as long as somebody looks.
const SHORT_MS = 2_000;
// What died earlier was refused rather than held too long.
const HELD_MS = 2_000;
// A held stream that died earlier is worth less than polls.
const LIVE_MS = 60_000;
// Who was not looked at for so long may have been frozen, and the connection be dead.
const FROZEN_MS = 30_000;

/** Asks again and again, each time from where the last answer ended. */
export class Follower {
  #source: Source;
  #path: Path;
  #attention: Attention;
  #clock: Clock;
  #rest: Rest;
  #poll = new AbortController();
  #news: number;
  #rounds = 0;
  /** Whether the last question was answered: if not, the next is not held, so that it shows at once how things stand. */
  #answered = false;
  #hold = Number.POSITIVE_INFINITY;

  constructor(source: Source, path: Path, attention: Attention, clock: Clock) {
    this.#source = source;
    this.#path = path;
    this.#attention = attention;
    this.#clock = clock;
    this.#rest = new Rest(clock);
    this.#news = clock.now();
  }

  /** Asks at once if it sleeps: something is to be expected. */
  wake(): void {
    this.#news = this.#clock.now();
    this.#rest.wake();
  }

  /** Follows from a cursor until `signal` aborts. */
  async run(from: () => string | undefined, signal: AbortSignal): Promise<void> {
    let hidden = this.#clock.now();
    const stop = this.#attention.on((change) => {
      if (change === "hidden") hidden = this.#clock.now();
      else this.wake();
      if (change === "online" || (change === "visible" && this.#clock.now() - hidden > FROZEN_MS)) this.#poll.abort();
    });
    this.#answered = false;
    for (let failures = 0; !signal.aborted; ) {
      try {
        const pause = await this.#round(from(), signal);
        failures = 0;
        await this.#rest.take(0, pause, signal);
      } catch (error) {
        if (signal.aborted) break;
        if (this.#poll.signal.aborted) continue;
        // What answers in another's place may answer anything.
        const failure = error instanceof ChatError ? error : new ChatError({ code: "unreachable", status: 0 });
        this.#answered = false;
        this.#source.failed(failure);
        const { retryAfter = 0 } = failure;
        await this.#rest.take(retryAfter * 1_000, delay(++failures, this.#clock.random()), signal);
      }
    }
    stop();
  }

  /** Asks once, and answers how many ms to stay away, unless something happens here: as the deployment advises, and as nobody minds. */
  async #round(cursor: string | undefined, signal: AbortSignal): Promise<number> {
    const began = this.#clock.now();
    const idle = !this.#attention.visible && began - this.#news > IDLE_MS;
    if (this.#path.mode === "live" && this.#answered && !idle && cursor !== undefined) {
      await this.#live(cursor, began, signal);
      return 0;
    }
    const wait = idle || !this.#answered ? 0 : Math.min(this.#path.wait, this.#hold);
    const answer = await this.#ask(cursor, wait, began, signal);
    await this.#source.take(answer, cursor);
    this.#hold = answer.hold ?? Number.POSITIVE_INFINITY;
    const quiet = answer.stanzas.every(({ type }) => type === "presence");
    if (!quiet) this.#news = this.#clock.now();
    this.#rounds = quiet ? this.#rounds + 1 : 0;
    const pause = (answer.pause ?? 0) * 1_000;
    const held = wait > 0 || !this.#answered;
    this.#answered = true;
    if (held || answer.more) return pause;
    return Math.max(pause, idle ? Math.min(INTERVAL_MS.most, INTERVAL_MS.first * 2 ** this.#rounds) : SHORT_MS);
  }

  async #live(cursor: string, began: number, signal: AbortSignal): Promise<void> {
    const lives = (either: AbortSignal) => this.#source.live(cursor, either);
    // What the path let through before it does no longer: back to polls.
    await this.#bear(lives, signal, () => this.#clock.now() - began < LIVE_MS && this.#path.dry(began));
  }

  async #ask(cursor: string | undefined, wait: number, began: number, signal: AbortSignal): Promise<Answer> {
    const age = () => this.#clock.now() - began;
    const asks = (either: AbortSignal) => this.#source.ask(cursor, wait, either);
    const answer = await this.#bear(asks, signal, () => {
      if (wait > 0 && age() > HELD_MS && !this.#attention.offline) this.#path.died(age() / 1_000, began);
    });
    if (wait > 0 && age() > wait * 900) this.#path.lived(wait, began);
    return answer;
  }

  /** Waits for what is held until it ends, or `signal` or a change at this end ends it; tells when the path did. */
  async #bear<T>(run: (signal: AbortSignal) => Promise<T>, signal: AbortSignal, died: () => void): Promise<T> {
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
