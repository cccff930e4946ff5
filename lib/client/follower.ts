import { type Clock, delay } from "./backoff.js";
import { ChatError } from "./problem.js";
import type { Answer } from "./stanza.js";

export type Source = {
  /** Asks the stream once. */
  ask(cursor: string | undefined, signal: AbortSignal): Promise<Answer>;
  /** Takes each answer, in order. */
  take(answer: Answer): Promise<void> | void;
  /** Hears of a failure, and of what follows it. */
  failed(error: ChatError): void;
};

/** Asks again and again from a cursor on, until `signal` aborts. */
export async function follow(source: Source, from: string | undefined, signal: AbortSignal, clock: Clock) {
  let cursor = from;
  for (let failures = 0; !signal.aborted; ) {
    try {
      const answer = await source.ask(cursor, signal);
      failures = 0;
      await source.take(answer);
      cursor = answer.cursor;
      if (answer.pause !== undefined) await clock.wait(answer.pause * 1_000, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ChatError)) throw error;
      source.failed(error);
      failures += 1;
      await clock.wait(delay(failures, clock.random(), error.retryAfter), signal);
    }
  }
}
