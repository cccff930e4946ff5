import { directSeq } from "../log/event.js";
import { tail } from "../log/tail.js";
import type * as log from "../log/write.js";

/** That somebody (`who`: encoded) has received a direct thread up to a seq (XEP-0184), in an epoch, at a time in ms. */
export type Receipt = { epoch: string; thread: string; entity: string; who: string; seq: number; at: number };

// Noted here until the next look takes them along: of each thread and person the newest.
const noted = new Map<string, Receipt>();
// Who cannot be noted is when the next message comes.
const NOTED_MAX = 5_000;
// So many go at once: a line each on the wire, some 100 KB in all.
const AT_ONCE = 500;
// A look that would not have been made without them is made so often at most.
const EVERY_MS = 10_000;
let last = 0;

/** Notes what somebody has received who asks with a cursor, of what this instance remembers. Asks the store nothing. */
export function noteReceived(entity: string, cursor: log.Cursor, now: number): void {
  const memory = tail.memory;
  const member = memory?.find(entity, now);
  if (memory === undefined || member === undefined) return;
  const newest = new Map<string, number>();
  for (const event of memory.received(member, cursor)) {
    const seq = directSeq(event);
    // A correction is no message.
    if (seq !== undefined) newest.set(event.thread, seq);
  }
  for (const [thread, seq] of newest) {
    const key = `${thread} ${member.by}`;
    const known = Math.max(noted.get(key)?.seq ?? 0, memory.deliveredTo(member.by, thread));
    if (seq <= known || (noted.size >= NOTED_MAX && !noted.has(key))) continue;
    noted.set(key, { epoch: memory.epoch, thread, entity, who: member.by, seq, at: now });
  }
}

/** Writes a receipt as the stanza that others are told. */
export function spell({ thread, seq, entity, at }: Receipt): string {
  return JSON.stringify({
    type: "delivered",
    delivered: { thread, seq, entity, timestamp: new Date(at).toISOString() },
  });
}

/** Whether something is noted that may be told again. */
export function isDue(now: number): boolean {
  return noted.size > 0 && now - last >= EVERY_MS;
}

/** Names what is to be told now, but for what another instance has told meanwhile. */
export function due(now: number): Receipt[] {
  const memory = tail.memory;
  if (memory === undefined || !isDue(now)) return [];
  for (const [key, { epoch, who, thread, seq }] of noted) {
    if (memory.epoch !== epoch || memory.deliveredTo(who, thread) >= seq) noted.delete(key);
  }
  return [...noted.values()].slice(0, AT_ONCE);
}

/** Forgets what has been told. */
export function told(receipts: readonly Receipt[], now: number): void {
  if (receipts.length > 0) last = now;
  for (const [key, it] of noted) if (receipts.includes(it)) noted.delete(key);
}
