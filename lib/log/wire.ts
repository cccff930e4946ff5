import { type Event, kindOf } from "./event.js";

// The format of events on the wire: every write publishes its events as one message, in lines of text that are separated by tabs.
// A line is `1 <epoch> <n> <tag> <kind> <by> <thread> <body>`; the body is JSON and may hold spaces, but no tab or line break.

/** An event, and the epoch that it belongs to. */
export type WireEvent = { epoch: string; event: Event };

/** Lua: `line(epoch, n, tag, kind, by, thread, body)` formats an event for the wire. */
export const FORMAT_LINE = `
local function line(epoch, n, tag, kind, by, thread, body)
  return '1 ' .. epoch .. ' ' .. n .. ' ' .. tag .. ' ' .. kind .. ' ' .. by .. ' ' .. thread .. ' ' .. body
end`;

/** Splits a message into its lines. The events of one write arrive together, so that no poll is woken between two of them. */
export function splitLines(message: string): string[] {
  return message.split("\t");
}

/**
 * Parses a line; undefined if it is not one. Of a newer version, only epoch, n and tag are parsed: the second to fourth word are the same
 * in every version, because instances of different versions share a store.
 */
export function parseLine(line: string): WireEvent | undefined {
  const words: string[] = [];
  let start = 0;
  for (let i = 0; i < 7; i++) {
    const end = line.indexOf(" ", start);
    if (end < 0) break;
    words.push(line.slice(start, end));
    start = end + 1;
  }
  const whole = words.length === 7;
  if (!whole) words.push(line.slice(start));
  const [version, epoch, place, tag, kind, by, thread] = words;
  const n = Number(place);
  if (!version || !/^\d+$/.test(version) || !epoch || !tag || !place || !Number.isSafeInteger(n)) return undefined;
  if (version !== "1") return { epoch, event: opaque(n, tag) };
  if (!whole || !kind || !by || !thread) return undefined;
  return { epoch, event: { n, tag, kind: kindOf(kind), by, thread, body: line.slice(start) } };
}

function opaque(n: number, tag: string): Event {
  return { n, tag, kind: "opaque", by: "-", thread: "-", body: "" };
}
