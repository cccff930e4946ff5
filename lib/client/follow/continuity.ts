import type { Continuity } from "../protocol/chat.js";
import type { Answer, Message, ThreadNews } from "../protocol/stanza.js";

/** How a message stands to the one before it in its thread. */
export type Standing = "next" | "hole" | "repeat";

/** Proves that nothing is missing and nothing comes twice: each answer continues the one before, each `seq` follows. */
export class Ledger {
  readonly counts: Continuity = { answers: 0, stanzas: 0, messages: 0, resyncs: 0, breaks: 0, holes: 0, repeats: 0 };
  /** By thread: the newest message that was told, and how far back the page holds it. */
  #threads = new Map<string, { newest: number; oldest: number; read: number }>();

  answer(asked: string | undefined, { prev, stanzas }: Answer): void {
    this.counts.answers += 1;
    this.counts.stanzas += stanzas.length;
    if (asked !== undefined && prev !== asked) this.counts.breaks += 1;
  }

  message({ thread, seq }: Pick<Message, "thread" | "seq">): Standing {
    const known = this.#threads.get(thread);
    if (known?.newest !== undefined && seq <= known.newest) {
      // What came with a history that was read is no repetition of the stream's.
      if (seq > known.read) this.counts.repeats += 1;
      return "repeat";
    }
    this.counts.messages += 1;
    const whole = known === undefined || known.newest === 0 || seq === known.newest + 1;
    if (!whole) this.counts.holes += 1;
    this.#threads.set(thread, { newest: seq, oldest: Math.min(seq, known?.oldest ?? seq), read: known?.read ?? 0 });
    return whole ? "next" : "hole";
  }

  /** A history was read after a gap: the stream goes on after it, or after `seq`. */
  read(thread: string, messages: Pick<Message, "seq">[], seq: number): void {
    const oldest = Math.min(this.oldest(thread) ?? Number.POSITIVE_INFINITY, messages[0]?.seq ?? seq + 1);
    const newest = Math.max(seq, messages.at(-1)?.seq ?? 0);
    this.#threads.set(thread, { newest, oldest, read: newest });
  }

  /** The page read messages by itself, and holds them from now on. */
  hold(thread: string, messages: Pick<Message, "seq">[]): void {
    const first = messages[0]?.seq;
    if (first === undefined) return;
    const { newest = 0, oldest = first, read = 0 } = this.#threads.get(thread) ?? {};
    this.#threads.set(thread, { newest, oldest: Math.min(oldest, first), read });
  }

  /** The `seq` as far back as which messages of a thread are held; undefined when none are. */
  oldest(thread: string): number | undefined {
    return this.#threads.get(thread)?.oldest;
  }

  /** Whose membership begins anew hears nothing of what was said while they were away. */
  news({ id, action, entity, entities = [] }: ThreadNews, me: string | undefined): void {
    const mine = me === undefined || (entities.length === 0 ? entity === me : entities.includes(me));
    if (mine && action !== "role" && action !== "subject") this.#threads.delete(id);
  }

  /** Another history of the store begins: no `seq` says anything any more. */
  forget(): void {
    for (const [thread, { oldest }] of this.#threads) this.#threads.set(thread, { newest: 0, oldest, read: 0 });
  }

  held(): string[] {
    return [...this.#threads.keys()];
  }
}
