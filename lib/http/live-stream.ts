import type { StreamCaller } from "../stream/cold-start.js";
import { follow, type Question, type StreamContext } from "../stream/follow.js";
import { EVENT_STREAM, formatEvents, formatProblem, formatRetry } from "./event-stream.js";
import { GENERAL_HEADERS, toFault } from "./problem.js";

/** The browser reconnects after so many ms. */
export const RETRY_MS = 100;

// A proxy that hears nothing for long takes the connection for dead.
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = new TextEncoder().encode(":\n\n");

/**
 * Holds an event stream open and writes answers as they come, until the wait is over. The next answer is read only when the client has
 * taken the last one: a client that is slow, or does not read at all, costs no more memory than one answer.
 */
export function live(chat: StreamContext, caller: StreamCaller, question: Question, signal: AbortSignal): Response {
  const until = Date.now() + question.wait * 1_000;
  const encoder = new TextEncoder();
  const gone = new AbortController();
  const texts = answers(chat, caller, question, until, gone.signal);
  let heartbeat: NodeJS.Timeout | undefined;
  let cancelled = false;
  const leave = () => {
    clearInterval(heartbeat);
    gone.abort();
  };
  signal.addEventListener("abort", leave, { once: true });
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(encoder.encode(formatRetry(RETRY_MS)));
        heartbeat = setInterval(() => beat(controller, until), HEARTBEAT_MS);
      },
      async pull(controller) {
        const { value } = await texts.next();
        // A client that went leaves an answer under way behind; there is nowhere to write it.
        if (cancelled) return;
        if (value !== undefined) return controller.enqueue(encoder.encode(value));
        leave();
        controller.close();
      },
      cancel() {
        cancelled = true;
        leave();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    status: 200,
    headers: { ...GENERAL_HEADERS, "Content-Type": EVENT_STREAM, "X-Accel-Buffering": "no" },
  });
}

/** Tells proxies that the connection is alive, unless the client is behind; errors the stream of a client that does not even take the end. */
function beat(controller: ReadableStreamDefaultController<Uint8Array>, until: number): void {
  const behind = (controller.desiredSize ?? 0) < 0;
  if (!behind) controller.enqueue(HEARTBEAT);
  else if (Date.now() > until) controller.error(new Error("Cannot end a stream: it is not read"));
}

async function* answers(
  chat: StreamContext,
  caller: StreamCaller,
  question: Question,
  until: number,
  over: AbortSignal,
): AsyncGenerator<string, undefined> {
  try {
    for (let next = question; !over.aborted; ) {
      const wait = Math.max(0, until - Date.now()) / 1_000;
      const answer = await follow(chat, caller, { ...next, wait }, over);
      if (over.aborted) return;
      // A client with an open stream has chosen not to wait: the advice to idle clients, which names a `hold`, is for polls.
      const advice = answer.pause === undefined || answer.hold !== undefined ? "" : formatRetry(answer.pause * 1_000);
      yield `${advice}${formatEvents(answer, Date.now())}`;
      if (answer.stanzas.length === 0 || Date.now() >= until) return;
      // What was written into a body that is held open need not have arrived.
      next = { ...next, cursor: answer.cursor, received: false };
    }
  } catch (error) {
    if (!over.aborted) yield formatProblem(toFault(error, chat.logger));
  }
}
