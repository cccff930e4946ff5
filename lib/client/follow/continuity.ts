import type { Continuity } from "../protocol/continuity.js";
import type { Answer, Message, ThreadNews } from "../protocol/stanza.js";

/** How the `seq` of a message compares with the previous one in its thread. */
export type Succession = "next" | "hole" | "repeat";

/** Checks that nothing is missing and nothing comes twice: each response continues the previous one, and each `seq` follows. */
export class ContinuityTracker {
  readonly counts: Continuity = { answers: 0, stanzas: 0, messages: 0, resyncs: 0, breaks: 0, holes: 0, repeats: 0 };
  /** By thread, `seq` numbers: the newest received, the oldest that the page holds, and the newest that came with a history. */
  #threads = new Map<string, { newest: number; oldest: number; read: number }>();

  onResponse(requested: string | undefined, { prev, stanzas }: Answer): void {
    this.counts.answers += 1;
    this.counts.stanzas += stanzas.length;
    if (requested !== undefined && prev !== requested) this.counts.breaks += 1;
  }

  onMessage({ thread, seq }: Pick<Message, "thread" | "seq">): Succession {
    const known = this.#threads.get(thread);
    if (known?.newest !== undefined && seq <= known.newest) {
      // A message that also came with a history is no repetition in the stream.
      if (seq > known.read) this.counts.repeats += 1;
      return "repeat";
    }
    this.counts.messages += 1;
    const whole = known === undefined || known.newest === 0 || seq === known.newest + 1;
    if (!whole) this.counts.holes += 1;
    this.#threads.set(thread, { newest: seq, oldest: Math.min(seq, known?.oldest ?? seq), read: known?.read ?? 0 });
    return whole ? "next" : "hole";
  }

  /** A history was read to fill a gap: the stream continues after its last message, or after `seq`. */
  onHistory(thread: string, messages: Pick<Message, "seq">[], seq: number): void {
    const oldest = Math.min(this.oldest(thread) ?? Number.POSITIVE_INFINITY, messages[0]?.seq ?? seq + 1);
    const newest = Math.max(seq, messages.at(-1)?.seq ?? 0);
    this.#threads.set(thread, { newest, oldest, read: newest });
  }

  /** The page itself read messages of a thread, and holds them from now on, unless there is a gap between them and those that it holds. */
  onPage(thread: string, messages: Pick<Message, "seq">[]): void {
    const first = messages[0]?.seq;
    if (first === undefined) return;
    const { newest = 0, oldest = first, read = 0 } = this.#threads.get(thread) ?? {};
    if ((messages.at(-1)?.seq ?? first) < oldest - 1) return;
    this.#threads.set(thread, { newest, oldest: Math.min(oldest, first), read });
  }

  /** Returns the `seq` of the oldest message of a thread that the page holds; undefined when it holds none. */
  oldest(thread: string): number | undefined {
    return this.#threads.get(thread)?.oldest;
  }

  /** Forgets a thread when the user's membership starts or ends: the stream omits what was sent while they were away. */
  onThread({ id, action, entity, entities = [] }: ThreadNews, me: string | undefined): void {
    const mine = me === undefined || (entities.length === 0 ? entity === me : entities.includes(me));
    if (mine && action !== "role" && action !== "subject") this.#threads.delete(id);
  }

  /** Accepts any next `seq` in every thread: the store has started another epoch. */
  onEpoch(): void {
    for (const [thread, { oldest }] of this.#threads) this.#threads.set(thread, { newest: 0, oldest, read: 0 });
  }

  /** Returns the threads of which the page holds messages. */
  threads(): string[] {
    return [...this.#threads.keys()];
  }
}
