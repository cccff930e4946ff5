import type { StreamCaller } from "../stream/cold-start.js";
import { type FollowOptions, follow, type StreamContext } from "../stream/follow.js";
import { EVENT_STREAM, formatEvents, formatProblem, formatRetry } from "./event-stream.js";
import { GENERAL_HEADERS, toFault } from "./problem.js";
import { logStreamFailure } from "./request-log.js";

/** The time after which browsers reconnect, in ms. */
export const RETRY_MS = 100;

// Proxies close a connection that has been silent for long.
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = new TextEncoder().encode(":\n\n");

/**
 * Holds an event stream open and writes answers to it until the wait is over. The next answer is read only when the client has read the
 * last one, so a client that is slow, or does not read at all, costs no more memory than one answer.
 */
export function live(chat: StreamContext, caller: StreamCaller, options: FollowOptions, signal: AbortSignal): Response {
  const until = Date.now() + options.wait * 1_000;
  const encoder = new TextEncoder();
  const disconnected = new AbortController();
  const texts = answers(chat, caller, options, until, disconnected.signal);
  let heartbeat: NodeJS.Timeout | undefined;
  let ended = false;
  const stop = () => {
    clearInterval(heartbeat);
    disconnected.abort();
  };
  const end = () => {
    ended = true;
    stop();
  };
  signal.addEventListener("abort", stop, { once: true });
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(encoder.encode(formatRetry(RETRY_MS)));
        heartbeat = setInterval(() => beat(controller, until, end), HEARTBEAT_MS);
      },
      async pull(controller) {
        const { value } = await texts.next();
        // An answer that was pending when the client disconnected cannot be written.
        if (ended) return;
        if (value !== undefined) return controller.enqueue(encoder.encode(value));
        stop();
        controller.close();
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    status: 200,
    headers: { ...GENERAL_HEADERS, "Content-Type": EVENT_STREAM, "X-Accel-Buffering": "no" },
  });
}

/**
 * Writes a heartbeat, unless the client has yet to read earlier data. When the wait is over, ends the stream of a client that does not
 * read. Of a stream that has failed, nothing is left but to end the heartbeat: what is thrown in a timer ends the process.
 */
function beat(controller: ReadableStreamDefaultController<Uint8Array>, until: number, end: () => void): void {
  const { desiredSize } = controller;
  if (desiredSize === null) end();
  else if (desiredSize >= 0) controller.enqueue(HEARTBEAT);
  else if (Date.now() > until) {
    end();
    controller.error(new Error("Cannot end a stream: it is not read"));
  }
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
      yield `${advice}${formatEvents(answer, Date.now())}`;
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
