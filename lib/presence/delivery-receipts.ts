import { hasPassed } from "../elapsed.js";
import type { Cursor } from "../log/cursor.js";
import { directSeq } from "../log/event.js";
import type { TailMemory } from "../log/tail-memory.js";

/** States that a user (`who`: encoded) has received a direct thread up to a seq (XEP-0184), in an epoch, at a time in ms. */
export type DeliveryReceipt = {
  epoch: string;
  thread: string;
  entity: string;
  who: string;
  seq: number;
  at: number;
  /** Whether the user may block somebody; a member of the thread must not learn of the receipt then. */
  mayBlock?: boolean;
};

// If the map is full, skip; the next message will record it.
const PENDING_MAX = 5_000;
// One script sends this many: one line each on the wire, about 100 KB in all.
const AT_ONCE = 500;
// Receipts alone cause a read of the clock at most this often.
const EVERY_MS = 10_000;

/** The receipts that this instance has yet to send: the newest of each thread and user. They are sent with the next read of the clock. */
export class DeliveryReceipts {
  readonly #pending = new Map<string, DeliveryReceipt>();
  #last = 0;

  /** Notes what a user who polls with a cursor has received, as far as memory reaches back. Costs no command. */
  note(memory: TailMemory | undefined, entity: string, cursor: Cursor, now: number): void {
    const member = memory?.find(entity, now);
    if (memory === undefined || member === undefined) return;
    const newest = new Map<string, number>();
    for (const event of memory.received(member, cursor)) {
      const seq = directSeq(event);
      // Other stanzas, such as edits, have no seq of their own.
      if (seq !== undefined) newest.set(event.thread, seq);
    }
    for (const [thread, seq] of newest) {
      const key = `${thread} ${member.by}`;
      const known = Math.max(this.#pending.get(key)?.seq ?? 0, memory.deliveredTo(member.by, thread));
      if (seq <= known || (this.#pending.size >= PENDING_MAX && !this.#pending.has(key))) continue;
      this.#pending.set(key, { epoch: memory.epoch, thread, entity, who: member.by, seq, at: now });
    }
  }

  /** Whether receipts are pending and may be sent again. */
  isDue(now: number): boolean {
    return this.#pending.size > 0 && hasPassed(EVERY_MS, this.#last, now);
  }

  /** The receipts to send now, without those that another instance has sent meanwhile. */
  due(memory: TailMemory | undefined, now: number): DeliveryReceipt[] {
    if (memory === undefined || !this.isDue(now)) return [];
    for (const [key, { epoch, who, thread, seq }] of this.#pending) {
      if (memory.epoch !== epoch || memory.deliveredTo(who, thread) >= seq) this.#pending.delete(key);
    }
    const due = [...this.#pending.values()].slice(0, AT_ONCE);
    for (const it of due) it.mayBlock = memory.find(it.entity, now)?.blocked.size !== 0;
    return due;
  }

  /** Removes receipts that have been sent. */
  sent(receipts: readonly DeliveryReceipt[], now: number): void {
    if (receipts.length > 0) this.#last = now;
    for (const [key, it] of this.#pending) if (receipts.includes(it)) this.#pending.delete(key);
  }
}

/** Formats a receipt as the stanza that the other member receives. */
export function formatReceipt({ thread, seq, entity, at }: DeliveryReceipt): string {
  return JSON.stringify({
    type: "delivered",
    delivered: { thread, seq, entity, timestamp: new Date(at).toISOString() },
  });
}
