import { hasPassed } from "../elapsed.js";
import type { Cursor } from "../log/cursor.js";
import type { StreamCaller } from "../stream/cold-start.js";
import type { Collected } from "../stream/collected.js";
import { type FollowOptions, follow, type StreamContext } from "../stream/follow.js";
import type { Sink } from "../stream/open-stream.js";
import { EVENT_STREAM, formatEvents, formatProblem, formatRetry, type LastFrame } from "./event-stream.js";
import type { OpenStream, OpenStreams } from "./open-streams.js";
import { GENERAL_HEADERS, toFault } from "./problem.js";
import { logStreamFailure } from "./request-log.js";
import { StreamEnd } from "./stream-end.js";

/** The time after which browsers reconnect, in ms. */
export const RETRY_MS = 100;

// Proxies close a connection that has been silent for long.
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = encode(":\n\n");
// A proxy may pass on the first bytes and hold back what follows. A second sign of life soon after the first lets a client find that out
// before it has waited long for a message.
const PROOF_MS = 500;
const PROOF = encode(": live\n\n");
// Tells a stream that the server has ended from one that was cut off: some proxies end a body that is cut off without an error.
const END = encode(": end\n\n");

// A reader that keeps up is late for milliseconds.
const BEHIND_MS = 1_000;

// Polls acknowledge by their cursors what was received. The reader of a stream that stays open would do so only when it ends.
const ACKNOWLEDGE = ": ack\n\n";

/** What live streams need, in addition: the frame that they share, and the streams that are open. */
export type LiveContext = StreamContext & { readonly lastFrame: LastFrame; readonly open: OpenStreams };

/**
 * Holds an event stream open and writes to it what happens until the wait is over. Nothing is written while the client has yet to read the
 * last write, so a client that is slow, or does not read at all, costs no more memory than one answer.
 */
export function live(chat: LiveContext, caller: StreamCaller, options: FollowOptions, signal: AbortSignal): Response {
  const body = new ReadableStream(new LiveBody(chat, caller, options, signal), { highWaterMark: 0 });
  return new Response(body, {
    status: 200,
    headers: { ...GENERAL_HEADERS, "Content-Type": EVENT_STREAM, "X-Accel-Buffering": "no" },
  });
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

class LiveBody implements Sink, OpenStream {
  readonly #chat: LiveContext;
  readonly #entity: string;
  readonly #began = Date.now();
  readonly #ms: number;
  readonly #over = new StreamEnd();
  /** Follows the stream, from the first time that the client reads. */
  #begin: ((controller: Controller) => Promise<void>) | undefined;
  #controller: Controller | undefined;
  /** When the proof is due; undefined once it is written. */
  #proofAt: number | undefined = Date.now() + PROOF_MS;
  #timer: NodeJS.Timeout | undefined;
  /** Since when the client has something to read; undefined while it has read everything. */
  #unreadSince: number | undefined = Date.now();
  /** What waits until the client has read everything. */
  #resume: (() => void) | undefined;

  constructor(chat: LiveContext, caller: StreamCaller, options: FollowOptions, signal: AbortSignal) {
    this.#chat = chat;
    this.#entity = caller.actor.id;
    this.#ms = options.wait * 1_000;
    this.#begin = this.#later(caller, options);
    signal.addEventListener("abort", () => this.#leave(), { once: true });
  }

  get isBehind(): boolean {
    return this.#unreadSince !== undefined && hasPassed(BEHIND_MS, this.#unreadSince, Date.now());
  }

  cut(): void {
    this.#stop();
    this.#controller?.error(new Error("Cannot go on with a stream: it is not read"));
  }

  start(controller: Controller): void {
    this.#controller = controller;
    this.#chat.open.add(this.#entity, this);
    this.#chat.metrics.move("live", 1);
    controller.enqueue(encode(formatRetry(RETRY_MS)));
    this.#timer = setTimeout(() => {
      this.#timer = setInterval(() => this.#beat(controller), HEARTBEAT_MS);
      this.#beat(controller);
    }, PROOF_MS);
  }

  pull(controller: Controller): void {
    this.#unreadSince = undefined;
    const [begin, resume] = [this.#begin, this.#resume];
    this.#begin = undefined;
    this.#resume = undefined;
    void begin?.(controller);
    resume?.();
  }

  cancel(): void {
    this.#stop();
  }

  isReady(resume: () => void): boolean {
    if (this.#unreadSince !== undefined) this.#resume = resume;
    return this.#unreadSince === undefined;
  }

  write({ cursor, stanzas, isAwaited }: Collected, prev: Cursor): void {
    const now = Date.now();
    const [only] = stanzas;
    // What was retracted while its reader was behind has no body.
    const isPlain = stanzas.length === 1 && only !== undefined && only.body !== "" && only.after === undefined;
    if (isPlain && !isAwaited)
      this.#put(this.#chat.lastFrame.encode(only.body, { epoch: cursor.epoch, n: only.n }, now));
    else this.#put(encode(`${formatEvents({ prev, cursor, stanzas }, now)}${isAwaited ? ACKNOWLEDGE : ""}`));
  }

  // Apart from the constructor, whose listener would retain what it is given for as long as the stream is open.
  #later(caller: StreamCaller, options: FollowOptions) {
    return (controller: Controller) => this.#follow(controller, caller, options);
  }

  async #follow(controller: Controller, caller: StreamCaller, options: FollowOptions): Promise<void> {
    try {
      for (let next = options; !this.#over.aborted; ) {
        const answer = await follow(this.#chat, caller, this.#rest(next), this.#over);
        await this.#read();
        if (this.#over.aborted) return;
        // The advice to idle clients, which has a `hold`, is for polls: a client with an open stream has chosen not to wait.
        if (answer.pause !== undefined && answer.hold === undefined)
          this.#put(encode(formatRetry(answer.pause * 1_000)));
        this.write(answer, answer.prev);
        if (answer.stanzas.length === 0 || this.#left === 0) break;
        // Data that was written to an open body may not have arrived.
        next = { ...next, cursor: answer.cursor, received: false, charge: undefined };
        await this.#read();
      }
    } catch (error) {
      if (this.#over.aborted) return;
      const fault = toFault(error);
      if (fault.status >= 500) logStreamFailure(this.#chat.logger, fault);
      this.#put(encode(formatProblem(fault)));
    }
    this.#end(controller);
  }

  // Spelled out, since V8 gives each copy that is made by a spread a shape of its own, for as long as the stream is open.
  #rest({ cursor, limit, remember, delivered = false, received = false, charge, crowd }: FollowOptions): FollowOptions {
    return { cursor, wait: this.#left / 1_000, limit, remember, delivered, received, charge, crowd, sink: this };
  }

  /** The rest of the wait, in ms. */
  get #left(): number {
    return hasPassed(this.#ms, this.#began, Date.now()) ? 0 : this.#began + this.#ms - Date.now();
  }

  /** Waits until the client has read everything; for ever, if it goes away before. */
  #read(): Promise<void> {
    return new Promise((resolve) => {
      if (this.isReady(resolve)) resolve();
    });
  }

  #put(frames: Uint8Array): void {
    if (this.#proofAt !== undefined && Date.now() > this.#proofAt) this.#prove();
    this.#enqueue(frames);
  }

  #enqueue(frames: Uint8Array): void {
    this.#unreadSince ??= Date.now();
    this.#controller?.enqueue(frames);
  }

  #prove(): void {
    this.#proofAt = undefined;
    this.#enqueue(PROOF);
  }

  #end(controller: Controller): void {
    if (this.#over.aborted) return;
    this.#stop();
    controller.enqueue(END);
    controller.close();
  }

  /** The request was given up: whoever reads the body is not left waiting. */
  #leave(): void {
    if (!this.#over.aborted) this.#controller?.close();
    this.#stop();
  }

  #stop(): void {
    if (this.#over.aborted) return;
    clearTimeout(this.#timer);
    this.#chat.open.remove(this.#entity, this);
    this.#chat.metrics.move("live", -1);
    this.#over.abort();
  }

  /**
   * Writes a comment, unless the client has yet to read earlier data. When the wait is over, ends the stream of a client that does not
   * read. Of a stream that has failed, nothing is left but to end the heartbeat: what is thrown in a timer ends the process.
   */
  #beat(controller: Controller): void {
    const { desiredSize } = controller;
    if (desiredSize === null) this.#stop();
    else if (desiredSize < 0 && this.#left === 0) this.cut();
    else if (desiredSize < 0) return;
    else if (this.#proofAt !== undefined) this.#prove();
    else this.#enqueue(HEARTBEAT);
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
