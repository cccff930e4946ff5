import * as v from "valibot";
import type { Cursor } from "../../lib/log/cursor.js";

const Place = v.looseObject({ id: v.string(), thread: v.string(), seq: v.number(), timestamp: v.string() });
const done = { entity: v.string(), timestamp: v.string() };
const Stanza = v.variant("type", [
  v.object({ type: v.literal("message"), message: Place }),
  v.object({ type: v.literal("edit"), edit: v.looseObject({ thread: v.string(), id: v.string(), ...done }) }),
  v.object({ type: v.literal("retract"), retract: v.object({ thread: v.string(), id: v.string(), ...done }) }),
  v.object({
    type: v.literal("reaction"),
    reaction: v.object({
      ...{ thread: v.string(), id: v.string(), emoji: v.string(), ...done },
      remove: v.exactOptional(v.literal(true)),
    }),
  }),
  v.object({
    type: v.literal("resync"),
    resync: v.object({ reason: v.literal("trimmed"), threads: v.array(v.looseObject({ id: v.string() })) }),
  }),
  v.object({
    type: v.literal("thread"),
    thread: v.looseObject({ id: v.string(), action: v.string(), entities: v.exactOptional(v.array(v.string())) }),
  }),
]);

type Message = v.InferOutput<typeof Place> & { [property: string]: unknown };
type Shown = { message: Message; reactions: Map<string, Set<string>> };

const Reactions = v.optional(v.record(v.string(), v.array(v.string())), {});

/** What a page shows of its threads: what it read of the history, and what the stream delivered since. */
export class Mirror {
  readonly #me: string;
  readonly #threads = new Map<string, Map<number, Shown>>();
  at: Cursor;

  constructor(me: string, at: Cursor) {
    this.#me = me;
    this.at = at;
  }

  /** Makes a second page that shows the same, and reads on by itself. */
  copy(): Mirror {
    const other = new Mirror(this.#me, this.at);
    for (const thread of this.#threads.keys()) other.show(thread, this.messages(thread));
    return other;
  }

  /** Shows the history of a thread in place of what was shown. */
  show(thread: string, history: readonly unknown[]): void {
    const shown = history.map((it): [number, Shown] => {
      const { reactions, ...message } = v.parse(Place, it);
      const all = Object.entries(v.parse(Reactions, reactions)).map(([emoji, who]) => [emoji, new Set(who)] as const);
      return [message.seq, { message, reactions: new Map(all) }];
    });
    this.#threads.set(thread, new Map(shown));
  }

  /** Returns what is shown of a thread, as the history has it, except for the order of reactions. */
  messages(thread: string): unknown[] {
    const shown = [...(this.#threads.get(thread) ?? [])].sort(([a], [b]) => a - b);
    return shown.map(([, { message, reactions }]) => {
      const all = [...reactions]
        .filter(([, who]) => who.size > 0)
        .map(([emoji, who]) => [emoji, [...who].sort()] as const);
      return all.length === 0
        ? message
        : { ...message, reactions: Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1))) };
    });
  }

  /** Applies an answer of the stream; returns the threads whose history is to be read again. */
  take(cursor: Cursor, stanzas: readonly unknown[]): string[] {
    this.at = cursor;
    return stanzas.flatMap((it) => this.#apply(v.parse(Stanza, it)));
  }

  #apply(stanza: v.InferOutput<typeof Stanza>): string[] {
    if (stanza.type === "resync") return stanza.resync.threads.map((it) => it.id);
    if (stanza.type === "message") this.#add(stanza.message);
    else if (stanza.type === "thread") this.#move(stanza.thread);
    else if (stanza.type === "edit") {
      const { thread, id, entity: _, timestamp: edited, ...said } = stanza.edit;
      this.#change(thread, id, (shown) => Object.assign(shown.message, said, { edited }));
    } else if (stanza.type === "retract") {
      const { thread, id, timestamp: retracted } = stanza.retract;
      this.#change(thread, id, (shown) => {
        const { seq, timestamp } = shown.message;
        shown.message = { id, thread, seq, timestamp, retracted };
        shown.reactions.clear();
      });
    } else {
      const { thread, id, emoji, remove, entity } = stanza.reaction;
      this.#change(thread, id, ({ reactions }) => {
        const who = reactions.get(emoji) ?? new Set();
        reactions.set(emoji, who);
        if (remove) who.delete(entity);
        else who.add(entity);
      });
    }
    return [];
  }

  #add(message: Message): void {
    const shown = this.#threads.get(message.thread) ?? new Map<number, Shown>();
    this.#threads.set(message.thread, shown);
    // A message that is shown already may have been edited since it was sent.
    if (!shown.has(message.seq)) shown.set(message.seq, { message: { ...message }, reactions: new Map() });
  }

  #change(thread: string, id: string, change: (shown: Shown) => void): void {
    for (const shown of this.#threads.get(thread)?.values() ?? []) {
      if (shown.message.id === id && shown.message.retracted === undefined) change(shown);
    }
  }

  #move(stanza: { id: string; action: string; entities?: string[] }): void {
    if (/left|removed/.test(stanza.action) && stanza.entities?.includes(this.#me)) this.#threads.delete(stanza.id);
  }
}
