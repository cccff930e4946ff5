import { Chain, type Judgement, type Place } from "./chain.js";
import type { Happening, Of } from "./history.js";
import { Ledger } from "./ledger.js";
import { Order } from "./order.js";
import { Outages } from "./outages.js";
import { Reads } from "./reads.js";

/** A promise that was broken: which, to whom, where, and what was seen. */
export type Violation = {
  at: number;
  rule: string;
  who: string;
  thread: string | undefined;
  what: string;
  r: number;
  chain: string | undefined;
};

// An answer may come so much later than its wait says: two attempts at a store that says nothing, on a machine that is busy.
const SLACK_MS = 10_000;

/** Holds the history of a run against what is promised, as it comes. */
export class Checker {
  readonly violations: Violation[] = [];
  readonly operations = new Map<string, number>();
  readonly #outages = new Outages();
  readonly #ledger = new Ledger(this.#outages);
  readonly #reads = new Reads(this.#outages);
  readonly #order = new Order();
  readonly #chains = new Map<string, Chain>();
  readonly #marks = new Map<string, Chain>();
  readonly #owners = new Set<string>();
  readonly #epochs = new Set<string>();
  #ended = new Set<string>();
  readonly #gone = new Set<string>();
  readonly #statuses = new Map<string, string>();

  get accepted(): number {
    return this.#ledger.count;
  }

  /** The store was put back to how it was at a time. */
  restored(to: number, killed: number, back: number): void {
    this.#outages.restores.push({ to, killed, back });
    this.#ended = new Set(this.#epochs);
    this.#ledger.forget();
  }

  take(it: Happening): void {
    switch (it.e) {
      case "owner":
        this.#owners.add(`${it.who} ${it.thread}`);
        break;
      case "open":
        this.#chains.set(
          it.chain,
          this.#marks.get(it.from ?? "")?.branch(it.chain) ?? new Chain(it.chain, it.who, it.bare),
        );
        break;
      case "mark": {
        const chain = this.#chains.get(it.chain);
        if (chain !== undefined) this.#marks.set(it.mark, chain.branch(it.mark));
        break;
      }
      case "close":
        this.#chains.delete(it.chain);
        break;
      case "lost":
        this.#chains.get(it.chain)?.jump(it.at);
        break;
      case "answer":
        this.#answer(it);
        break;
      case "page":
        this.#page(it);
        break;
      case "sent":
        this.#sent(it);
        break;
      case "read":
        this.#reads.take(it);
        break;
      case "done":
        this.#count(it.what);
        this.#bounded(it, 0, it.who);
        break;
      case "refused":
        this.#refused(it);
        break;
      case "failed":
        this.#count("no answer");
        this.#bounded(it, it.wait, it.who);
        break;
      case "stream":
        this.#count(`stream ${it.how}`);
        break;
      case "cut":
        this.#ledger.cut(it);
        break;
      case "gone":
        this.#gone.add(it.who);
        break;
      case "status":
        this.#statuses.set(it.who, it.status);
        break;
      case "wrong":
        this.#blame(it, it.rule, it.who, undefined, it.what);
        break;
      case "kept":
        this.#kept(it);
        break;
      case "fault":
        this.#outages.fault(it);
    }
  }

  /** Who is told wrongly who is there, by now; nobody when all is right. */
  *confused(): Generator<string> {
    for (const chain of this.#chains.values()) {
      if (this.#gone.has(chain.who) || chain.bare) continue;
      for (const who of new Set([...this.#statuses.keys(), ...this.#gone])) {
        const { available = false, status } = chain.present.get(who) ?? {};
        const said = this.#gone.has(who) ? "gone" : this.#statuses.get(who);
        const seen = available ? (status ?? "there") : "gone";
        if (who !== chain.who && seen !== said) yield `${chain.name} was told of ${who}: ${seen}, not ${said}`;
      }
    }
  }

  /** Judges, when all is quiet, who is there. */
  finish(at: number): void {
    for (const what of this.confused())
      this.#blame({ at, r: 0 }, "presence", what.split(/[ /]/)[0] ?? "", undefined, what);
  }

  #answer(it: Of<"answer">): void {
    this.#count("poll");
    const chain = this.#chains.get(it.chain);
    if (chain === undefined) return;
    this.#bounded(it, it.wait, chain.who);
    // The place that the server keeps is put back with the store.
    if (chain.bare && this.#outages.isBetween(it.began, it.at)) chain.jump(it.at, true);
    const blame = (rule: string, what: string, thread?: string) => this.#blame(it, rule, chain.who, thread, what);
    if (chain.cursor !== undefined && it.prev !== chain.cursor)
      blame("prev", `asked after ${chain.cursor}, answered after ${it.prev}`);
    // A resync alone could not pass the gap that it names, so it and the roster may come on top.
    const most = it.limit + (it.stanzas[0]?.type === "resync" ? 2 : 0);
    if (it.stanzas.length > most) blame("bounded", `${it.stanzas.length} stanzas, of ${it.limit} at most`);
    chain.now = it.at;
    const epoch = it.cursor.split(".")[0] ?? "";
    this.#epochs.add(epoch);
    const [asked, reason] = [it.prev.split(".")[0], it.stanzas[0]?.reason];
    if (asked !== epoch && reason !== "epoch")
      blame("resync", `went on from ${it.prev} to ${it.cursor} without a resync`);
    if (reason === "epoch" && !this.#outages.isBetween(chain.given, it.at)) blame("resync", "without a cause");
    for (const told of it.stanzas) {
      this.#told(told.type);
      const judgement = chain.take(told, epoch);
      this.#judge(judgement, it, chain, told.thread, epoch);
      if (told.type === "message" && told.thread !== undefined && !this.#limbo(it, epoch)) {
        const against = this.#ledger.tell(
          this.#generation(it, epoch),
          told.thread,
          told.seq ?? 0,
          told.id ?? "",
          it.at,
        );
        if (against !== undefined) blame("one message an id", against, told.thread);
      }
    }
    chain.cursor = it.cursor;
    chain.given = it.began;
    if (it.wait === 0 && it.stanzas.length === 0) this.#fresh(it, chain);
  }

  // An empty answer at once has seen what had been acknowledged before the question.
  #fresh(it: Of<"answer">, chain: Chain): void {
    if (this.#outages.isBetween(it.began, it.at)) return;
    for (const [thread, { in: member, known, owed }] of chain.places) {
      const newest = this.#ledger.newest(thread, it.began);
      if (member && !owed && known !== undefined && known < newest)
        this.#blame(it, "fresh", chain.who, thread, `told nothing after ${known}, when ${newest} was acknowledged`);
    }
  }

  #judge(judgement: Judgement, it: Of<"answer">, chain: Chain, thread: string | undefined, epoch: string): void {
    if (judgement === undefined) return;
    if ("rule" in judgement) {
      this.#blame(it, judgement.rule, chain.who, thread, judgement.what);
      return;
    }
    if (this.#limbo(it, epoch)) return;
    const { last, key } = judgement;
    const where = `${this.#generation(it, epoch)} ${thread}`;
    const against = this.#order.follow(where, last, key, `${chain.name} by #${it.r}`);
    if (against !== undefined) this.#blame(it, "one order", chain.who, thread, against);
  }

  // Around a restore an epoch may still be told of the history that ended, or already of the one that goes on.
  #limbo(it: { began: number; at: number }, epoch: string): boolean {
    return this.#ended.has(epoch) && this.#outages.isBetween(it.began, it.at);
  }

  #generation(it: { began: number }, epoch: string): string {
    return `${epoch}/${this.#outages.restores.filter((restore) => restore.back < it.began).length}`;
  }

  #page(it: Of<"page">): void {
    this.#count("history");
    const chain = this.#chains.get(it.chain);
    const judgement = chain?.read(it);
    if (chain && judgement && "rule" in judgement)
      this.#blame(it, judgement.rule, chain.who, it.thread, judgement.what);
  }

  #sent(it: Of<"sent">): void {
    this.#count(it.duplicate ? "message again" : "message");
    this.#reads.take(it);
    this.#bounded(it, 0, it.who);
    const outcome = this.#ledger.outcome(it);
    if (outcome !== undefined) this.#count(`cut message ${outcome}`);
    if (outcome === "torn")
      this.#blame(it, "whole or undone", it.who, it.thread, `${it.id} was told, and then stored as new`);
    const against = this.#ledger.accept(it);
    if (against !== undefined) this.#blame(it, "idempotent", it.who, it.thread, against);
  }

  #refused(it: Of<"refused">): void {
    this.#count(`${it.what} refused`);
    this.#bounded(it, 0, it.who);
    const stays = it.thread !== undefined && this.#owners.has(`${it.who} ${it.thread}`);
    const expected =
      it.code === "message_not_found" || (it.code === "thread_not_found" && !stays) || it.code === "forbidden";
    if (!expected) this.#blame(it, "refused", it.who, it.thread, `${it.what}: ${it.status} ${it.code}`);
  }

  #bounded(it: { began: number; at: number; via: string; r: number }, wait: number, who: string): void {
    const late = it.at - it.began - wait * 1_000 - SLACK_MS;
    if (late > 0 && !this.#outages.broken(it.via, it.began, it.at))
      this.#blame(it, "bounded", who, undefined, `${it.at - it.began} ms for a wait of ${wait} s`);
  }

  #kept(it: Of<"kept">): void {
    for (const { id, seq, who } of this.#ledger.lost(it))
      this.#blame(
        { at: it.at, r: 0 },
        "no loss",
        who,
        it.thread,
        `${id}, acknowledged as message ${seq}, is not there`,
      );
    const blame = (rule: string, chain: Chain, what: string) =>
      this.#blame({ at: it.at, r: 0, chain: chain.name }, rule, chain.who, it.thread, what);
    const members = new Set(it.members);
    for (const chain of this.#chains.values()) {
      // Who asks without a cursor may have lost an answer, and with it where they are.
      if (this.#gone.has(chain.who) || chain.bare) continue;
      const place = chain.places.get(it.thread);
      const wrong = this.#unfinished(it, members.has(chain.who), place);
      if (wrong !== undefined) blame("no loss", chain, `${chain.name} ${wrong}`);
      if (place?.in) for (const what of this.#reads.untold(it.thread, chain)) blame("receipts", chain, what);
    }
  }

  #unfinished(it: Of<"kept">, member: boolean, place: Place | undefined) {
    if (place?.in !== true) return member ? "was never told that it is a member" : undefined;
    if (!member) return "was never told that it is no member";
    if (place.known !== undefined && place.known < it.seq) return `knows ${place.known} of ${it.seq} messages`;
    const after =
      place.last && [...this.#epochs].map((epoch) => this.#after(epoch, it.thread, place.last ?? "")).find(Boolean);
    return after ? `was never told ${after}` : undefined;
  }

  #after(epoch: string, thread: string, key: string): string | undefined {
    return this.#order.after(`${epoch}/${this.#outages.restores.length} ${thread}`, key);
  }

  #told(type: string): void {
    this.#count(`told ${type}`);
  }

  #count(what: string): void {
    this.operations.set(what, (this.operations.get(what) ?? 0) + 1);
  }

  #blame(
    it: { at: number; r: number; chain?: string },
    rule: string,
    who: string,
    thread: string | undefined,
    what: string,
  ): void {
    this.violations.push({ at: it.at, r: it.r, chain: it.chain, rule, who, thread, what });
  }
}
