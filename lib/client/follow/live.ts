import { createParser, type EventSourceMessage } from "eventsource-parser";
import { linked } from "../environment/abort.js";
import type { Clock } from "../environment/backoff.js";
import type { Deployment } from "../http/deployment.js";
import type { Problem } from "../protocol/problem.js";
import type { Answer, Stanza } from "../protocol/stanza.js";

// The server writes something at once, and the comment `live` half a second later. A path on which either takes longer than this holds back
// what is written, or is so slow that polls serve as well.
const FIRST_MS = 1_900;
const PROOF_MS = 1_400;
// After a busy moment of the page, what has arrived meanwhile is read before its silence counts.
const BUSY_MS = 100;
// The server sends a heartbeat every 15 s. When two are missing, the connection is dead: found out as soon as by a poll of 25 s.
const SILENCE_MS = 33_000;
// The server tells others within ten seconds that their messages were received: as often as that, one request acknowledges all of them.
const ACKNOWLEDGE_MS = 5_000;
// The time after which a browser's EventSource reconnects is no pause unless the server asks for a longer one.
const PAUSE_MS = 1_000;

type Receiver = {
  context: { deployment: Deployment; clock: Clock };
  receive(answer: Answer, asked: string): Promise<void>;
};

/** Receives what an event stream shows. */
export type LiveWatch = {
  /** The stream arrives as it is written. */
  proven(): void;
  /** Something has arrived, with stanzas or without. */
  heard(stanzas: readonly Stanza[]): void;
};

/**
 * How an event stream ended, and the ms after which the server asks for the next one. `in order`: by the server. `held back`: the path does
 * not pass on what the server writes, as it is written. `died`: cut off, or silent.
 */
export type LiveEnd = { how: "in order" | "held back" | "died"; pause: number };

type Event = { cursor: string; stanza?: Stanza };

/** Reads an event stream until it ends; events that arrive together are received as one response. Rejects when the server refuses it. */
export async function live(stream: Receiver, from: string, watch: LiveWatch, signal: AbortSignal): Promise<LiveEnd> {
  const { deployment } = stream.context;
  const either = linked(signal);
  const silence = new Silence(either.abort);
  const reading = new Reading(stream, from, watch);
  let isCut = false;
  try {
    silence.limit(FIRST_MS);
    const reader = (await open(deployment, from, either.signal))?.pipeThrough(new TextDecoderStream()).getReader();
    for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) {
      // What takes the page long to process is no silence.
      silence.end();
      await reading.receive(read.value);
      silence.limit(reading.isProven ? SILENCE_MS : PROOF_MS);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof deployment.Error) throw error;
    isCut = !silence.isOver;
  } finally {
    silence.end();
    reading.end();
    either.done();
  }
  const { pause, isOver, isProven } = reading;
  if (isOver) return { how: "in order", pause };
  return { how: isProven || isCut ? "died" : "held back", pause };
}

/** Aborts a request when nothing is heard of it. */
class Silence {
  isOver = false;
  readonly #abort: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(abort: () => void) {
    this.#abort = abort;
  }

  limit(ms: number): void {
    this.end();
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(() => {
        this.isOver = true;
        this.#abort();
      }, BUSY_MS);
    }, ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** What has been read of an event stream. */
class Reading {
  /** The stream has arrived as it was written. */
  isProven = false;
  /** The server has ended the stream. */
  isOver = false;
  pause = 0;
  readonly #stream: Receiver;
  readonly #watch: LiveWatch;
  #cursor: string;
  #acknowledgement: ReturnType<typeof setTimeout> | undefined;
  #events: Event[] = [];
  readonly #parser = createParser({
    onEvent: (event) => this.#onEvent(event),
    onRetry: (ms) => {
      this.pause = ms < PAUSE_MS ? 0 : ms;
    },
    onComment: (comment) => this.#onComment(comment.trim()),
  });

  constructor(stream: Receiver, from: string, watch: LiveWatch) {
    this.#stream = stream;
    this.#cursor = from;
    this.#watch = watch;
  }

  async receive(text: string): Promise<void> {
    this.#parser.feed(text);
    const events = this.#events;
    this.#events = [];
    const stanzas = events.flatMap(({ stanza }) => stanza ?? []);
    const prev = this.#cursor;
    const { cursor } = events.at(-1) ?? {};
    if (cursor !== undefined) {
      this.#cursor = cursor;
      const timestamp = new Date(this.#stream.context.clock.now()).toISOString();
      await this.#stream.receive({ timestamp, prev, cursor, stanzas }, prev);
    }
    this.#watch.heard(stanzas);
  }

  #onEvent({ event, id, data: text }: EventSourceMessage): void {
    const data = JSON.parse(text || "null");
    const { deployment } = this.#stream.context;
    if (event === "problem") throw new deployment.Error(data, this.pause / 1_000);
    if (id === undefined) return;
    if (data === null) return void this.#events.push({ cursor: id });
    // An event carries the time of the response. It is removed, so that a stanza is the same in both modes; `delivered` has its own.
    const { timestamp, ...stanza } = data;
    this.#events.push({ cursor: id, stanza: stanza.type === "delivered" ? data : stanza });
  }

  end(): void {
    clearTimeout(this.#acknowledgement);
  }

  /** Polls with the cursor, and leaves the response to the stream. A poll that waits for a second costs the server no look at the log. */
  #acknowledge(): void {
    this.#acknowledgement = undefined;
    const { deployment } = this.#stream.context;
    deployment.poll(this.#cursor, 1, deployment.closed).catch(() => {});
  }

  #onComment(comment: string): void {
    if (comment === "end") this.isOver = true;
    if (comment === "ack") this.#acknowledgement ??= setTimeout(() => this.#acknowledge(), ACKNOWLEDGE_MS);
    if (comment !== "live" || this.isProven) return;
    this.isProven = true;
    this.#watch.proven();
  }
}

/** Opens an event stream. Returns nothing when the path has turned it into something else. */
function open(deployment: Deployment, cursor: string, signal: AbortSignal) {
  return deployment.with(async ({ token }) => {
    const url = `${deployment.base}stream/${token}?live=1&delivered=1&cursor=${encodeURIComponent(cursor)}`;
    const headers = { Accept: "text/event-stream" };
    const response = await deployment.fetch(url, { headers, signal, credentials: "omit" });
    if (!response.ok) throw refusal(deployment, await response.json());
    if (/event-stream/.test(response.headers.get("Content-Type") ?? "")) return response.body;
    await response.body?.cancel();
    return undefined;
  });
}

/** A gateway can refuse a request as well: that is a failure of the path. */
function refusal(deployment: Deployment, json: Problem): Error {
  return typeof json?.code === "string" ? new deployment.Error(json) : new Error("Cannot open the stream");
}
