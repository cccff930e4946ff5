import type * as v from "valibot";
import { config } from "../config.js";
import type { Fault } from "../fault.js";
import * as log from "../log/write.js";
import type { Answer } from "../stream/answer.js";
import type { Listener } from "../stream/arrival.js";
import { follow, place, type Question, type StreamQuery } from "../stream/follow.js";
import { bounded, faultOf, GENERAL_HEADERS, problem, refuse } from "./problem.js";

// Proxies commonly give up on a silent request after 60 s.
const WAIT_MAX = 55;
const WAIT = 25;

/** Answers a stream request in the form it asks for: JSON, a complete event stream, or one held open. Throws `bad_cursor`. */
export function stream(
  caller: Listener,
  query: v.InferOutput<typeof StreamQuery>,
  request: Request,
): Response | Promise<Response> {
  const eventStream = wanted(request);
  const open = eventStream && query.live === "1" && !isHttp10(request);
  const text = request.headers.get("last-event-id") || query.cursor;
  const question = {
    cursor: text === undefined ? undefined : place(text),
    wait: open ? Math.min(query.wait ?? config.liveSeconds, config.liveSeconds) : patience(query.wait),
    limit: query.limit,
    remember: !eventStream,
    delivered: query.delivered === "1",
    received: text !== undefined,
  };
  if (open) return live(caller, question, request.signal);
  return follow(caller, question, request.signal).then(eventStream ? frames : envelope);
}

/** How many seconds a bounded answer is held when it is empty. */
export function patience(wait = WAIT): number {
  return Math.min(wait, WAIT_MAX);
}

function wanted(request: Request): boolean {
  return /\btext\/event-stream\b/i.test(request.headers.get("accept") ?? "");
}

/** Tells by the Via header (RFC 9110 §7.6.3) whether some hop spoke HTTP/1.0, which has no chunks to hold a body open with. */
function isHttp10(request: Request): boolean {
  return /(^|,)\s*(HTTP\/)?1\.0\s/i.test(request.headers.get("via") ?? "");
}

/** Writes an answer as the document's envelope. */
function envelope(answer: Answer): Response {
  const { prev, cursor, stanzas, more, pause, hold } = answer;
  const position = `"timestamp":"${new Date().toISOString()}","prev":"${log.format(prev)}","cursor":"${log.format(cursor)}"`;
  const advice = `${more ? ',"more":true' : ""}${pause === undefined ? "" : `,"pause":${pause}`}${hold === undefined ? "" : `,"hold":${hold}`}`;
  const body = `{${position},"stanzas":[${stanzas.map((it) => it.body).join(",")}]${advice}}`;
  return bounded(body, 200, "application/json");
}

// The browser asks again after so many ms.
const RETRY_MS = 100;
const TYPE = "text/event-stream; charset=utf-8";

/** Writes an answer as a complete event stream: a browser's EventSource then polls by itself. */
function frames(answer: Answer): Response {
  const retry = answer.pause === undefined ? RETRY_MS : answer.pause * 1_000;
  return bounded(`retry: ${retry}\n\n${events(answer, Date.now())}`, 200, TYPE);
}

/** Refuses a stream. Anything but 200 ends an EventSource for good, so what will pass comes as an event and a longer `retry`. */
export function refuseStream(fault: Fault, request: Request): Response {
  if (!wanted(request) || (fault.status !== 429 && fault.status < 500)) return refuse(fault);
  return bounded(`retry: ${(fault.extra.retryAfter ?? 5) * 1_000}\n\n${trouble(fault)}`, 200, TYPE);
}

// A proxy that hears nothing for long takes the connection for dead.
const HEARTBEAT_MS = 15_000;
const HEARTBEAT = new TextEncoder().encode(":\n\n");

/**
 * Holds an event stream open and writes what comes, until the wait is over. The next answer is asked for only when the reader has
 * taken the last one: somebody who is slow, or does not read at all, costs no more memory than one answer.
 */
function live(caller: Listener, question: Question, signal: AbortSignal): Response {
  const until = Date.now() + question.wait * 1_000;
  const encoder = new TextEncoder();
  const gone = new AbortController();
  const texts = told(caller, question, until, gone.signal);
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
        controller.enqueue(encoder.encode(`retry: ${RETRY_MS}\n\n`));
        heartbeat = setInterval(() => beat(controller, until), HEARTBEAT_MS);
      },
      async pull(controller) {
        const { value } = await texts.next();
        // A reader who went leaves an answer under way behind; there is nowhere to write it.
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
    headers: { ...GENERAL_HEADERS, "Content-Type": TYPE, "X-Accel-Buffering": "no" },
  });
}

/** Tells proxies that the connection is alive, but for a reader who is behind; from one who does not even take the end, it is taken. */
function beat(controller: ReadableStreamDefaultController<Uint8Array>, until: number): void {
  const behind = (controller.desiredSize ?? 0) < 0;
  if (!behind) controller.enqueue(HEARTBEAT);
  else if (Date.now() > until) controller.error(new Error("Cannot end a stream: it is not read"));
}

/** Writes what comes, answer by answer; nothing is asked for before the last one has been taken. */
async function* told(
  caller: Listener,
  question: Question,
  until: number,
  over: AbortSignal,
): AsyncGenerator<string, undefined> {
  try {
    for (let next = question; !over.aborted; ) {
      const wait = Math.max(0, until - Date.now()) / 1_000;
      const answer = await follow(caller, { ...next, wait }, over);
      if (over.aborted) return;
      // Who has a stream held open has chosen not to wait: the advice to idle clients, which names a `hold`, is for polls.
      const advice =
        answer.pause === undefined || answer.hold !== undefined ? "" : `retry: ${answer.pause * 1_000}\n\n`;
      yield `${advice}${events(answer, Date.now())}`;
      if (answer.stanzas.length === 0 || Date.now() >= until) return;
      // What was written into a body that is held open need not have arrived.
      next = { ...next, cursor: answer.cursor, received: false };
    }
  } catch (error) {
    if (!over.aborted) yield trouble(faultOf(error));
  }
}

/** One event a stanza, its id the cursor after it; without any, the id alone moves the browser's position. JSON has no raw newline. */
function events({ prev, cursor, stanzas }: Answer, now: number): string {
  if (stanzas.length === 0) return `id: ${log.format(cursor)}\n\n`;
  const timestamp = new Date(now).toISOString();
  return stanzas
    .map(({ n, body }, i) => {
      const after = i === stanzas.length - 1 ? cursor : { epoch: n === prev.n ? prev.epoch : cursor.epoch, n };
      return `id: ${log.format(after)}\ndata: {"timestamp":"${timestamp}",${body.slice(1)}\n\n`;
    })
    .join("");
}

function trouble(fault: Fault): string {
  return `event: problem\ndata: ${JSON.stringify(problem(fault))}\n\n`;
}
