import { type Mutant, mutantsOf } from "../mutant.js";

/** Mutants of section 4: the stream. */
export const STREAM: readonly Mutant[] = [
  ...mutantsOf("contract/rules", "§4", {
    "what will pass is a 200 with an event named problem": [
      "http/stream-response",
      "!wantsEvents(request) || (fault.status !== 429 && fault.status < 500)",
      "fault.status > 0",
    ],
  }),
  ...mutantsOf("presence/presence", "§4", {
    "the first answer carries the presence of contacts": ["stream/follow", "first: !saved", "first: false"],
  }),
  ...mutantsOf("whole/http10", "§4", {
    "HTTP/1.0 gets the bounded form": [
      "http/stream-response",
      'events && query.live === "1" && !isHttp10(request)',
      'events && query.live === "1"',
    ],
  }),
  ...mutantsOf("http/stream-response", "§4", {
    "a wait is cut at 55 s": ["http/stream-response", "WAIT_MAX = 55", "WAIT_MAX = 550"],
    "an empty answer is held for 25 s unless told": ["http/stream-response", "const WAIT = 25", "const WAIT = 26"],
  }),
  ...mutantsOf("contract/stream", "§4", {
    "a limit is cut at 100": ["stream/follow", "LIMIT_MAX = 100", "LIMIT_MAX = 1_000"],
    "a limit is 1 at least": ["schema/field", "/^0*[1-9]\\d*$/", "/^\\d+$/"],
    "a wait is a whole number": ["schema/field", "/^\\d+$/", "/^[-\\d.]+$/"],
    "Last-Event-ID goes before the cursor in the query": [
      "http/stream-response",
      'request.headers.get("last-event-id") || query.cursor',
      'query.cursor ?? (request.headers.get("last-event-id") || undefined)',
    ],
    "the bare URL goes on where its last answer ended": [
      "stream/saved-cursor",
      "if (known !== undefined) return { prev: known, saved: true };",
      "",
    ],
    "prev is the cursor that was asked for": [
      "http/stream-response",
      '`"timestamp":"${new Date().toISOString()}","prev":"${formatCursor(prev)}","cursor":"${formatCursor(cursor)}"`',
      '`"timestamp":"${new Date().toISOString()}","prev":"${formatCursor(cursor)}","cursor":"${formatCursor(cursor)}"`',
    ],
    "an answer that was cut says more": ["http/stream-response", 'more ? \',"more":true\' : ""', '""'],
    "an answer ends before 1 MiB": ["schema/answer-size", "1_020_000", "2_040_000"],
    "what cannot be a cursor is a bad_cursor": [
      "log/cursor",
      "/^([A-Za-z0-9_-]{1,22})\\.(\\d{1,15})(?:\\.([et])(\\d{1,15}))?$/",
      "/^([A-Za-z0-9_-]{1,22})\\.?(\\d{1,15}).*$/",
    ],
    "a cursor ahead of the log brings a resync": [
      "stream/catch-up",
      "cursor.epoch !== clock.epoch || cursor.n > clock.n",
      "cursor.epoch !== clock.epoch",
    ],
    "a cursor of another epoch brings a resync": [
      "stream/catch-up",
      "cursor.epoch !== clock.epoch || cursor.n > clock.n",
      "cursor.n > clock.n",
    ],
    "a trimmed thread brings a resync": [
      "stream/answer",
      'gaps.size > 0 ? await resync(chat, caller, "trimmed", threads, from) : undefined',
      'gaps.size < 0 ? await resync(chat, caller, "trimmed", threads, from) : undefined',
    ],
    "a resync of many threads comes in parts": [
      "stream/resync",
      "threads.slice(0, THREADS_AT_ONCE)",
      "threads.slice(0)",
    ],
    "the ninth poll of one user ends the oldest": [
      "log/held-polls",
      'if (waiting.length > MAX_PER_ENTITY) waiting[0]?.end("crowded");',
      'if (waiting.length > MAX_PER_ENTITY + 1) waiting[0]?.end("crowded");',
    ],
    "a crowded poll is asked to pause for 10 s": [
      "stream/answer",
      "CROWDED_PAUSE_SECONDS = 10",
      "CROWDED_PAUSE_SECONDS = 11",
    ],
  }),
  ...mutantsOf("whole/races", "§4", {
    "a newcomer's stream begins with the joining": ["log/cold-read", "Math.max(after, n - 1)", "after"],
  }),
  ...mutantsOf("contract/sse", "§4", {
    "an event stream says when to ask again": ["http/live-stream", "RETRY_MS = 100", "RETRY_MS = 200"],
    "each event has the cursor after it for its id": [
      "http/event-stream",
      "formatCursor(after ?? { epoch: n === prev.n ? prev.epoch : cursor.epoch, n })",
      "formatCursor(prev)",
    ],
    "an empty answer moves the browser's position": ["http/event-stream", "ids.at(-1) === end", "true"],
    "each event has a timestamp": [
      "http/event-stream",
      '`id: ${id}\ndata: {"timestamp":"${timestamp}",${body.slice(1)}\n\n`',
      "`id: ${id}\ndata: {${body.slice(1)}\n\n`",
    ],
  }),
  ...mutantsOf("log/membership-cache", "§4", {
    "a newcomer hears nothing from before, in memory either": [
      "log/membership-cache",
      "if (event.n < since) return false;",
      "",
    ],
    "who has left hears that, and nothing more": [
      "log/membership-cache",
      'if (since < 0) return event.kind === "leave" && event.n === -since;',
      "",
    ],
    "a stranger hears nothing": [
      "log/membership-cache",
      "if (since === undefined) return false;",
      "if (since === undefined) return true;",
    ],
    "a chat state is for the others": [
      "log/membership-cache",
      '(event.kind === "state" || event.kind === "delivered") && event.by !== member.by',
      'event.kind === "state" || event.kind === "delivered"',
    ],
    "a block is for one's own streams": [
      "log/membership-cache",
      'if (event.kind === "own") return event.by === member.by;',
      "",
    ],
  }),
];
