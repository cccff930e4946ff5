import { type Event, kindOf } from "./event.js";

// How events travel between instances: every write publishes its events on one channel, as lines of text joined by tabs.
// A line is `1 <epoch> <n> <tag> <kind> <by> <thread> <body>`; the body is JSON and may hold spaces, but no tab or line break.

/** An event as it was written, in an epoch. */
export type WireEvent = { epoch: string; event: Event };

/** Lua: `line(epoch, n, tag, kind, by, thread, body)` formats an event for the wire. */
export const FORMAT_LINE = `
local function line(epoch, n, tag, kind, by, thread, body)
  return '1 ' .. epoch .. ' ' .. n .. ' ' .. tag .. ' ' .. kind .. ' ' .. by .. ' ' .. thread .. ' ' .. body
end`;

/** Splits a message of the channel into its lines. The events of one write come together, so that nobody is woken between two of them. */
export function splitLines(message: string): string[] {
  return message.split("\t");
}

/**
 * Parses a line of the wire; undefined for what is none. Of a line of a newer version only its place in the log is read: the second
 * to fourth word are the same in every version, and instances of different versions share a store.
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
  if (words.length < 7) words.push(line.slice(start));
  const [version, epoch, place, tag, kind, by, thread] = words;
  const n = Number(place);
  if (!version || !/^\d+$/.test(version) || !epoch || !tag || !place || !Number.isSafeInteger(n)) return undefined;
  if (version !== "1") return { epoch, event: opaque(n, tag) };
  if (!kind || !by || !thread || words.length < 7) return undefined;
  return { epoch, event: { n, tag, kind: kindOf(kind), by, thread, body: line.slice(start) } };
}

function opaque(n: number, tag: string): Event {
  return { n, tag, kind: "opaque", by: "-", thread: "-", body: "" };
}
