import type { Of, Told } from "./history.js";

/** Where a chain of cursors stands in a thread. */
export type Place = {
  in: boolean;
  /** The last thing told; undefined when it is not known what comes next. */
  last: string | undefined;
  /** The seq of the last message told; undefined when the next one may have any. */
  told: number | undefined;
  /** Messages up to here were told along this chain, and must not come again. */
  floor: number;
  /** All messages up to here are known, by the stream or by the history. */
  known: number | undefined;
  /** A resync named this thread, and its history was not read yet. */
  owed: boolean;
  /** All that was read after this time, in ms, must be told along this chain. */
  since: number;
};

/** How something told fits to what was told before: a broken rule, or the two things that came one after the other. */
export type Judgement = { rule: string; what: string } | { last: string; key: string } | undefined;

const broken = (rule: string, what: string): Judgement => ({ rule, what });

/** One reader's chain of cursors, and what it was told along it. */
export class Chain {
  readonly name: string;
  readonly who: string;
  /** Whether the server keeps the place, for one who asks without a cursor. */
  readonly bare: boolean;
  cursor: string | undefined;
  /** When the last answer was asked for. */
  given = 0;
  places = new Map<string, Place>();
  present = new Map<string, { available: boolean; status: string | undefined }>();
  /** When what is taken now was told, in ms. */
  now = 0;
  #unsure = false;
  /** How far others have read, by thread and reader, in the epoch that goes on. */
  #reads = new Map<string, number>();
  #moves = new Set<string>();

  constructor(name: string, who: string, bare: boolean) {
    this.name = name;
    this.who = who;
    this.bare = bare;
  }

  /** Another chain that goes on from the same cursor. */
  branch(name: string): Chain {
    const branch = new Chain(name, this.who, false);
    branch.cursor = this.cursor;
    branch.given = this.given;
    for (const [thread, place] of this.places) branch.places.set(thread, { ...place });
    branch.present = new Map(this.present);
    branch.#reads = new Map(this.#reads);
    branch.now = this.now;
    branch.#moves = new Set(this.#moves);
    return branch;
  }

  /** An answer was lost for good: anything may be missing. With `anew`, anything may come again, too. */
  jump(at: number, anew = false): void {
    this.cursor = undefined;
    this.#unsure = true;
    if (anew) this.#moves.clear();
    for (const [thread, place] of this.places) {
      if (!place.in) this.places.delete(thread);
      if (anew) place.floor = 0;
      place.last = undefined;
      place.told = undefined;
      place.known = undefined;
      place.since = at;
    }
  }

  /** How far somebody has read a thread, as was told along this chain. */
  readBy(thread: string, who: string): number {
    return this.#reads.get(`${thread} ${who}`) ?? 0;
  }

  /** Takes one stanza, and judges it by those before. */
  take(told: Told, epoch: string): Judgement {
    const { type, thread, key } = told;
    if (type === "resync") return this.#resync(told);
    if (type === "presence") return this.#meet(told);
    if (thread === undefined) return undefined;
    const mine = told.entities === undefined ? told.action === "removed" : told.entities.includes(this.who);
    if (told.action !== undefined && mine) return this.#move(told, thread, epoch);
    const place = this.places.get(thread) ?? this.#guess(thread);
    if (!place?.in) return broken("isolation", `${told.type} of ${thread} told to one who is not in it`);
    if (key === undefined) return undefined;
    const { by = "", seq = 0 } = told;
    // Sending reads up to what was sent, and who comes begins after what was said.
    if (type === "message") this.#raise(thread, by, seq);
    for (const who of told.action === "added" ? (told.entities ?? []) : []) this.#raise(thread, who, place.told ?? 0);
    if (type === "message") return this.#hear(place, seq, key);
    // A correction has the present content, and none of a message that was retracted is told: they have no order to be compared.
    if (type === "edit") return undefined;
    if (type !== "receipt") return this.#step(place, key);
    // Of the receipts of a reader only the newest must come, so they have no order of their own.
    const read = this.readBy(thread, by);
    if (seq <= read) return broken("receipts", `${by} had read ${read}, then ${seq}`);
    this.#raise(thread, by, seq);
    return undefined;
  }

  /** Takes a page of history that a resync asked for. */
  read(page: Of<"page">): Judgement {
    const place = this.places.get(page.thread);
    if (place === undefined) return undefined;
    if (page.messages === undefined) {
      this.places.delete(page.thread);
      return undefined;
    }
    const { after, messages, first = 1, last = 0 } = page;
    const from = Math.max(first, after === undefined ? (messages[0]?.seq ?? first) : after + 1);
    for (const [i, { seq }] of messages.entries())
      if (seq !== from + i) return broken("history", `message ${seq} stands where ${from + i} should`);
    const reached = messages.at(-1)?.seq ?? last;
    if (place.owed && after !== undefined && place.known !== undefined && from > Math.max(place.known + 1, first))
      return broken("history", `was read from ${from}, but only ${place.known} was known`);
    place.known = Math.max(reached, place.known ?? 0, place.told ?? 0);
    if (reached >= last) place.owed = false;
    return undefined;
  }

  #raise(thread: string, who: string, seq: number): void {
    this.#reads.set(`${thread} ${who}`, Math.max(seq, this.readBy(thread, who)));
  }

  /** Whoever may have missed being brought in somewhere finds themselves there. */
  #guess(thread: string): Place | undefined {
    if (!this.#unsure) return undefined;
    const nothing = { last: undefined, told: undefined, floor: 0, known: undefined };
    const place = { in: true, ...nothing, owed: false, since: this.now };
    this.places.set(thread, place);
    return place;
  }

  #resync({ reason, threads = [] }: Told): Judgement {
    const named = new Map(threads.map((it) => [it.id, it.seq]));
    if (reason === "epoch") {
      for (const thread of this.places.keys()) if (!named.has(thread)) this.places.delete(thread);
      this.#reads.clear();
      this.#moves.clear();
    }
    for (const thread of named.keys()) {
      const { known, floor = 0 } = (reason === "epoch" ? undefined : this.places.get(thread)) ?? {};
      this.places.set(thread, {
        in: true,
        last: undefined,
        told: undefined,
        floor,
        known,
        owed: true,
        since: this.now,
      });
    }
    return undefined;
  }

  #meet({ presence = [] }: Told): Judgement {
    for (const { entity, available, status } of presence) {
      if (entity === this.who) return broken("presence", "told of oneself");
      this.present.set(entity, { available, status });
    }
    return undefined;
  }

  // Who comes begins here, whatever was before; who goes is told so, and not what was unread.
  #move({ action = "", key = "" }: Told, thread: string, epoch: string): Judgement {
    if (action === "role") return this.#walk(thread, key);
    const move = `${epoch} ${thread} ${key}`;
    if (key !== "removed" && this.#moves.has(move)) return broken("duplicates", `${key} came twice`);
    this.#moves.add(move);
    const comes = action === "created" || action === "added";
    const begins = action === "created" ? 0 : undefined;
    const floor = this.places.get(thread)?.floor ?? 0;
    const last = comes ? key : undefined;
    const since = this.now;
    this.places.set(thread, { in: comes, last, told: begins, floor, known: begins, owed: false, since });
    return undefined;
  }

  #walk(thread: string, key: string): Judgement {
    const place = this.places.get(thread);
    return place?.in ? this.#step(place, key) : broken("isolation", `${key} told to one who is not in it`);
  }

  #hear(place: Place, seq: number, key: string): Judgement {
    if (place.told !== undefined && seq !== place.told + 1)
      return broken(seq > place.told ? "no loss" : "duplicates", `message ${seq} came after message ${place.told}`);
    if (seq <= place.floor) return broken("duplicates", `message ${seq} came, after message ${place.floor} had`);
    if (place.told === undefined && place.known !== undefined && !place.owed && seq > place.known + 1)
      return broken("no loss", `message ${seq} came, when all was known up to ${place.known}`);
    place.told = seq;
    place.floor = seq;
    if (place.known === undefined || place.known < seq) place.known = place.owed ? place.known : seq;
    return this.#step(place, key);
  }

  #step(place: Place, key: string): Judgement {
    const last = place.last;
    place.last = key;
    return last === undefined ? undefined : { last, key };
  }
}
