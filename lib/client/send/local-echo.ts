import type { Clock } from "../environment/backoff.js";
import type { ChatEvent, Pending } from "../protocol/chat.js";
import type { Attachment } from "../protocol/file.js";
import type { Problem } from "../protocol/problem.js";
import type { Actor, Draft, Sent } from "../protocol/stanza.js";

// The stream normally delivers an accepted message at once, and in order. If it has not done so after this time, for example because
// it delivered the message to the page before a reload, the acknowledgement is used instead.
const GRACE_MS = 3_000;
const DELIVERED_MAX = 1_000;

/** Emits the user's own messages as `pending`, and then each once as delivered or refused, whichever source reports it first. */
export class LocalEcho {
  readonly #emit: (event: ChatEvent) => void;
  readonly #isOnline: () => boolean;
  readonly #clock: Clock;
  readonly #closed: AbortSignal;
  #pending = new Map<string, Pending>();
  /** Messages emitted by their acknowledgement; the stream may still deliver them. */
  #acknowledged = new Set<string>();
  /** Messages delivered recently; they may still be in the outbox that another page left. */
  #delivered = new Set<string>();

  constructor(emit: (event: ChatEvent) => void, isOnline: () => boolean, clock: Clock, closed: AbortSignal) {
    this.#emit = emit;
    this.#isOnline = isOnline;
    this.#clock = clock;
    this.#closed = closed;
  }

  show(draft: Draft & { id: string }, me: Actor | undefined): void {
    const id = keyOf(draft.id);
    if (this.#pending.has(id) || this.#delivered.has(id)) return;
    const timestamp = new Date(this.#clock.now()).toISOString();
    const message = { ...draft, timestamp, ...(me === undefined ? {} : { sender: me }), seq: undefined };
    this.#pending.set(id, message);
    this.#emit({ type: "message", message, pending: true });
  }

  /** The stream delivers a message; returns whether it has not been emitted yet. */
  delivered(messageId: string): boolean {
    const id = keyOf(messageId);
    this.#delivered.add(id);
    const [first] = this.#delivered;
    if (this.#delivered.size > DELIVERED_MAX && first !== undefined) this.#delivered.delete(first);
    this.#pending.delete(id);
    return !this.#acknowledged.delete(id);
  }

  /** The deployment has accepted a message, with these attachments: its files are among them. */
  async acknowledged({ id: messageId, thread, seq, timestamp }: Sent, attachments?: Attachment[]): Promise<void> {
    const id = keyOf(messageId);
    do await this.#clock.wait(GRACE_MS, this.#closed);
    while (this.#pending.has(id) && !this.#isOnline() && !this.#closed.aborted);
    const message = this.#pending.get(id);
    if (message === undefined || this.#closed.aborted) return;
    this.#pending.delete(id);
    this.#acknowledged.add(id);
    const { to: _, files: __, ...content } = message;
    const sent = { ...content, ...(attachments && { attachments }), thread, seq, timestamp };
    this.#emit({ type: "message", message: sent });
  }

  refused(messageId: string, problem: Problem): void {
    const id = keyOf(messageId);
    const message = this.#pending.get(id);
    this.#pending.delete(id);
    if (message !== undefined) this.#emit({ type: "message", message, refused: problem });
  }
}

/** UUIDs are the same in either case (RFC 9562 §4). */
function keyOf(id: string): string {
  return id.toLowerCase();
}
