type Room = { seq: number; since: Map<string, number>; read: Map<string, number> };

/** What an answer brought: its stanzas by n and key, the threads that a resync names, and its cursor. */
export type Heard = {
  stanzas: { n: number; key: string }[];
  trimmed: { id: string; seq: number; unread: number }[];
  /** How many other stanzas there are, such as presence, which the model does not cover. */
  others: number;
  cursor: number;
  more: boolean;
};

// A delivery log keeps at least this many events.
const KEPT = 256;

/** A model of a chat, simple enough to be checked by reading: everything that happened, in one list, by n. */
export class Model {
  readonly rooms = new Map<string, Room>();
  #log: { n: number; thread: string; key: string }[] = [];
  /** The highest cursor that anybody got. */
  #given = 0;

  isMember(thread: string, who: string): boolean {
    return (this.rooms.get(thread)?.since.get(who) ?? 0) > 0;
  }

  make(thread: string, members: string[], n: number): void {
    this.rooms.set(thread, { seq: 0, since: new Map(), read: new Map() });
    this.#happen(thread, "created", n);
    for (const who of members) this.#enter(thread, who, n);
  }

  say(thread: string, who: string, n: number): number {
    const room = this.#room(thread);
    room.seq++;
    room.read.set(who, room.seq);
    this.#happen(thread, `message ${room.seq}`, n);
    return room.seq;
  }

  join(thread: string, who: string, n: number): void {
    this.#happen(thread, "added", n);
    this.#enter(thread, who, n);
  }

  leave(thread: string, who: string, n: number): void {
    this.#happen(thread, "gone", n);
    this.#room(thread).since.set(who, -n);
  }

  /** Whether anything after n belongs on a user's stream. */
  awaits(who: string, after: number): boolean {
    return this.#due(who, after).length > 0;
  }

  /**
   * Compares the answer to a poll after n, with a `limit`, with what had to be in it.
   * `partial`: the answer may be older than the last events. Throws what is wrong with it.
   */
  judge(who: string, after: number, heard: Heard, limit: number, partial = false): void {
    const gone = heard.trimmed.flatMap((named) => this.#gap(who, after, named, heard));
    const due = this.#due(who, after).filter((it) => !gone.includes(it));
    for (const [i, { n, key }] of heard.stanzas.entries()) {
      const wanted = due[i] && `${due[i].n} ${due[i].key}`;
      if (`${n} ${key}` !== wanted)
        throw new Error(`${who} got, ${i + 1}th after ${after}: ${n} ${key}, not ${wanted}`);
    }
    const rest = due.slice(heard.stanzas.length);
    if (rest.length > 0 && !heard.more && !partial) throw new Error(`${who} did not get ${rest[0]?.key}`);
    if (rest.some((it) => it.n <= heard.cursor)) throw new Error(`${who} got a cursor past what was not delivered`);
    if (heard.cursor < (heard.stanzas.at(-1)?.n ?? after))
      throw new Error(`${who} got a cursor that goes back, to ${heard.cursor}`);
    const all = heard.stanzas.length + heard.others;
    if (heard.stanzas.length > limit)
      throw new Error(`${who} got ${heard.stanzas.length} stanzas, over the limit of ${limit}`);
    if (all === 0 && (heard.more || partial)) throw new Error(`${who} got an empty answer`);
    this.#given = Math.max(this.#given, heard.cursor);
  }

  /** Checks that a thread may be named as trimmed; returns what is gone of it. */
  #gap(who: string, after: number, named: Heard["trimmed"][number], heard: Heard) {
    const room = this.#room(named.id);
    const mine = this.#due(who, after).filter((it) => it.thread === named.id);
    const numbers = new Set(heard.stanzas.map((it) => it.n));
    const first = mine.find((it) => numbers.has(it.n))?.n ?? heard.cursor + 1;
    const gone = mine.filter((it) => it.n < first);
    if (mine.length <= KEPT || mine.length - gone.length < KEPT) {
      throw new Error(`${who} got a gap in ${named.id}: ${gone.length} of ${mine.length}`);
    }
    const unread = room.seq - (room.read.get(who) ?? 0);
    if (named.seq !== room.seq || named.unread !== unread) {
      throw new Error(`${who} got seq ${named.seq}, ${named.unread} unread, not ${room.seq}, ${unread}`);
    }
    return gone;
  }

  #due(who: string, after: number) {
    return this.#log.filter((it) => it.n > after && this.#concerns(who, it.thread, it.n));
  }

  #concerns(who: string, thread: string, n: number): boolean {
    const since = this.#room(thread).since.get(who);
    return since !== undefined && (since < 0 ? n === -since : n >= since);
  }

  #room(thread: string): Room {
    const room = this.rooms.get(thread);
    if (room === undefined) throw new Error(`No thread ${thread}`);
    return room;
  }

  #happen(thread: string, what: string, n: number): void {
    if (n <= this.#given) throw new Error(`${thread} ${what} happened at ${n}, behind a cursor that somebody got`);
    this.#log.push({ n, thread, key: `${thread} ${what}` });
  }

  #enter(thread: string, who: string, n: number): void {
    const room = this.#room(thread);
    room.since.set(who, n);
    room.read.set(who, room.seq);
  }
}
