import type { StreamCaller } from "../stream/cold-start.js";
import { type FollowOptions, follow, type StreamContext } from "../stream/follow.js";
import { EVENT_STREAM, formatEvents, formatProblem, formatRetry } from "./event-stream.js";
import { GENERAL_HEADERS, toFault } from "./problem.js";
import { logStreamFailure } from "./request-log.js";

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

// Polls acknowledge by their cursors what was received. The reader of a stream that stays open would do so only when it ends.
const ACKNOWLEDGE = ": ack\n\n";

/**
 * Holds an event stream open and writes answers to it until the wait is over. The next answer is read only when the client has read the
 * last one, so a client that is slow, or does not read at all, costs no more memory than one answer.
 */
export function live(chat: StreamContext, caller: StreamCaller, options: FollowOptions, signal: AbortSignal): Response {
  const body = new ReadableStream(new LiveBody(chat, caller, options, signal), { highWaterMark: 0 });
  return new Response(body, {
    status: 200,
    headers: { ...GENERAL_HEADERS, "Content-Type": EVENT_STREAM, "X-Accel-Buffering": "no" },
  });
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

class LiveBody {
  readonly #until: number;
  readonly #over = new AbortController();
  readonly #answers: AsyncGenerator<string, undefined>;
  /** When the proof is due; undefined once it is written. */
  #proofAt: number | undefined = Date.now() + PROOF_MS;
  #timer: NodeJS.Timeout | undefined;
  #cancelled = false;

  constructor(chat: StreamContext, caller: StreamCaller, options: FollowOptions, signal: AbortSignal) {
    this.#until = Date.now() + options.wait * 1_000;
    this.#answers = answers(chat, caller, options, this.#until, this.#over.signal);
    signal.addEventListener("abort", () => this.#stop(), { once: true });
  }

  start(controller: Controller): void {
    controller.enqueue(encode(formatRetry(RETRY_MS)));
    this.#timer = setTimeout(() => {
      this.#timer = setInterval(() => this.#beat(controller), HEARTBEAT_MS);
      this.#beat(controller);
    }, PROOF_MS);
  }

  async pull(controller: Controller): Promise<void> {
    const { value } = await this.#answers.next();
    // An answer that was pending when the client disconnected cannot be written.
    if (this.#cancelled) return;
    // The reader was behind when the proof was due.
    if (this.#proofAt !== undefined && Date.now() > this.#proofAt) this.#prove(controller);
    if (value !== undefined) return controller.enqueue(encode(value));
    this.#stop();
    controller.enqueue(END);
    controller.close();
  }

  cancel(): void {
    this.#cancelled = true;
    this.#stop();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#over.abort();
  }

  #prove(controller: Controller): void {
    this.#proofAt = undefined;
    controller.enqueue(PROOF);
  }

  /**
   * Writes a comment, unless the client has yet to read earlier data. When the wait is over, ends the stream of a client that does not
   * read. Of a stream that has failed, nothing is left but to end the heartbeat: what is thrown in a timer ends the process.
   */
  #beat(controller: Controller): void {
    const { desiredSize } = controller;
    if (desiredSize === null) this.cancel();
    else if (desiredSize < 0) this.#endUnread(controller);
    else if (this.#proofAt !== undefined) this.#prove(controller);
    else controller.enqueue(HEARTBEAT);
  }

  #endUnread(controller: Controller): void {
    if (Date.now() <= this.#until) return;
    this.cancel();
    controller.error(new Error("Cannot end a stream: it is not read"));
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function* answers(
  chat: StreamContext,
  caller: StreamCaller,
  options: FollowOptions,
  until: number,
  over: AbortSignal,
): AsyncGenerator<string, undefined> {
  try {
    for (let next = options; !over.aborted; ) {
      const wait = Math.max(0, until - Date.now()) / 1_000;
      const answer = await follow(chat, caller, { ...next, wait }, over);
      if (over.aborted) return;
      // The advice to idle clients, which has a `hold`, is for polls: a client with an open stream has chosen not to wait.
      const advice = answer.pause === undefined || answer.hold !== undefined ? "" : formatRetry(answer.pause * 1_000);
      yield `${advice}${formatEvents(answer, Date.now())}${answer.isAwaited ? ACKNOWLEDGE : ""}`;
      if (answer.stanzas.length === 0 || Date.now() >= until) return;
      // Data that was written to an open body may not have arrived.
      next = { ...next, cursor: answer.cursor, received: false };
    }
  } catch (error) {
    if (over.aborted) return;
    const fault = toFault(error);
    if (fault.status >= 500) logStreamFailure(chat.logger, fault);
    yield formatProblem(fault);
  }
}
