import { describe, expect, it } from "vitest";
import { Checker } from "./checker.js";
import type { Happening, Told } from "./history.js";

// Histories as clients would tell them: what is right passes, and each broken promise is called by its name.

const message = (seq: number, id = `m${seq}`): Told => ({
  ...{ type: "message", thread: "t", seq, id, by: "ann", key: `message ${seq} ${id}` },
});
const move = (action: string, ...entities: string[]): Told => ({
  ...{ type: "thread", thread: "t", action, entities, key: `${action} ${entities} ${++moves}` },
});
let moves = 0;
const created = move("created", "ann", "ben");
const receipt = (by: string, seq: number): Told => ({
  type: "receipt",
  thread: "t",
  by,
  seq,
  key: `receipt ${by} ${seq}`,
});
const reaction = (by: string): Told => ({ type: "reaction", thread: "t", by, key: `reaction ${by}` });

/** Lets ann and ben follow, answer by answer; an answer may be at once, and may end elsewhere than after its stanzas. */
class Story {
  readonly checker = new Checker();
  #at = 1_000_000;
  #r = 0;
  readonly #cursors = new Map<string, number>();

  constructor() {
    for (const who of ["ann", "ben"]) this.take({ e: "open", at: this.#at, chain: `${who}/1`, who, bare: false });
  }

  take(...happenings: Happening[]): this {
    for (const it of happenings) this.checker.take(it);
    return this;
  }

  asked(ms = 10): { r: number; via: string; began: number; at: number } {
    this.#at += ms + 10;
    return { r: ++this.#r, via: "server 1", began: this.#at - ms, at: this.#at };
  }

  told(who: string, stanzas: Told[], { wait = 5, ms = 10, epoch = "E" } = {}): this {
    const prev = this.#cursors.get(who) ?? 0;
    this.#cursors.set(who, prev + stanzas.length);
    const answer = { prev: `E.${prev}`, cursor: `${epoch}.${prev + stanzas.length}`, more: false, limit: 100 };
    return this.take({ e: "answer", ...this.asked(ms), chain: `${who}/1`, wait, ...answer, stanzas });
  }

  sent(seq: number, id = `m${seq}`, duplicate = false): this {
    return this.take({ e: "sent", ...this.asked(), who: "ann", thread: "t", id, seq, duplicate });
  }

  read(who: string, seq: number): this {
    return this.take({ e: "read", ...this.asked(), who, thread: "t", seq });
  }

  kept(...seqs: number[]): this {
    const messages = seqs.map((seq) => ({ seq, id: `m${seq}` }));
    const end = { thread: "t", seq: seqs.at(-1) ?? 0, first: 1, messages, members: ["ann", "ben"] };
    return this.take({ e: "kept", at: this.#at, ...end });
  }

  get broken(): string[] {
    return this.checker.violations.map((it) => `${it.rule}: ${it.who}`);
  }
}

describe("a history without a fault", () => {
  it("passes, with lost answers, repeated sends, people who come and go, and a gap that a resync names", () => {
    const story = new Story().told("ann", [created]).told("ben", [created]);
    const [out, back] = [move("removed", "ben"), move("added", "ben")];
    story
      .sent(1)
      .sent(1, "m1", true)
      .told("ann", [message(1), out])
      .told("ben", [out]);
    story
      .sent(2)
      .told("ann", [message(2), back, message(3)])
      .told("ben", [back, message(3)])
      .sent(3);
    story
      .told("ann", [message(4), message(5)])
      .sent(4)
      .sent(5);
    story.told("ben", [{ type: "resync", reason: "trimmed", threads: [{ id: "t", seq: 5 }] }]);
    const messages = [4, 5].map((seq) => ({ seq, id: `m${seq}` }));
    story.take({ e: "page", ...story.asked(), chain: "ben/1", thread: "t", after: 3, messages, first: 1, last: 5 });
    story.told("ben", [], { wait: 0 }).kept(1, 2, 3, 4, 5);
    expect(story.broken).toEqual([]);
  });

  it("passes, and counts what became of them, when senders hang up: whole or undone", () => {
    const story = new Story().told("ann", [created]).told("ben", [created]);
    const ids = ["m1", "m2"];
    story.take({ e: "cut", ...story.asked(), who: "ann", thread: "t", ids }).told("ben", [message(1)]);
    story
      .sent(1, "m1", true)
      .sent(2)
      .told("ben", [message(2)])
      .told("ann", [message(1), message(2)])
      .kept(1, 2);
    expect(story.broken).toEqual([]);
    const counts = story.checker.operations;
    expect([counts.get("cut message whole"), counts.get("cut message undone")]).toEqual([1, 1]);
  });

  it("passes when of each reader's receipts only the newest is told, and of a sender none", () => {
    const story = new Story().read("ben", 0).told("ann", [created]).told("ben", [created]);
    story.told("ann", [message(1), receipt("ben", 1), message(2)]).told("ben", [message(1), message(2)]);
    story.sent(1).sent(2).read("ben", 1).read("ben", 2).read("ann", 2);
    story.told("ann", [receipt("ben", 2)]).told("ben", [receipt("ben", 2)]);
    expect(story.kept(1, 2).broken).toEqual([]);
  });

  it("passes when a new member is not told of a receipt that goes no further than its reader's own message", () => {
    const added = move("added", "ben");
    const story = new Story().told("ann", [move("created", "ann"), message(1)]).sent(1);
    story.told("ann", [added]).told("ben", [added]).read("ann", 1);
    expect(story.kept(1).broken).toEqual([]);
  });

  it("passes when a store was put back: what was acknowledged since may be gone", () => {
    const story = new Story()
      .told("ann", [created, message(1)])
      .told("ben", [created, message(1)])
      .sent(1);
    const { at } = story.asked();
    story.told("ann", [message(2, "gone")]).sent(2, "gone");
    story.checker.restored(at, story.asked().at, story.asked().at);
    for (const who of ["ann", "ben"]) {
      story.told(who, [{ type: "resync", reason: "epoch", threads: [{ id: "t", seq: 1 }] }], { epoch: "F" });
      const messages = [{ seq: 1, id: "m1" }];
      story.take({ e: "page", ...story.asked(), chain: `${who}/1`, thread: "t", messages, first: 1, last: 1 });
    }
    expect(story.kept(1).broken).toEqual([]);
  });
});

describe("presence, when all is quiet:", () => {
  const seen = (available: boolean, status?: string): Told => {
    const said = status === undefined ? {} : { status };
    return { type: "presence", presence: [{ entity: "ann", available, ...said }] };
  };
  it.each<[string, number, (story: Story) => Story]>([
    ["who follows is there, with what they last said", 0, (it) => it.told("ben", [seen(true, "tea")])],
    ["what was said before is wrong", 1, (it) => it.told("ben", [seen(true, "cake")])],
    ["that they are gone is wrong", 1, (it) => it.told("ben", [seen(true, "tea"), seen(false)])],
    ["who went is gone", 0, (it) => it.take({ e: "gone", at: 1, who: "ann" }).told("ben", [seen(true), seen(false)])],
    ["that who went is there is wrong", 1, (it) => it.take({ e: "gone", at: 1, who: "ann" }).told("ben", [seen(true)])],
  ])("%s", (_, wrong, tell) => {
    const story = tell(new Story().take({ e: "status", at: 1, who: "ann", status: "tea" }));
    expect([...story.checker.confused()]).toHaveLength(wrong);
  });
});

describe("a broken promise is called by its name:", () => {
  const begun = () =>
    new Story()
      .told("ann", [created, message(1)])
      .told("ben", [created, message(1)])
      .sent(1);

  it.each<[string, string, (story: Story) => Story]>([
    ["a message left out", "no loss: ben", (it) => it.told("ben", [message(3)])],
    ["a message told twice", "duplicates: ben", (it) => it.told("ben", [message(1)])],
    ["a coming told twice", "duplicates: ben", (it) => it.told("ben", [created])],
    [
      "another stanza in between",
      "one order: ben",
      (it) => it.told("ann", [reaction("ann"), message(2)]).told("ben", [message(2)]),
    ],
    [
      "two orders",
      "one order: ben",
      (it) => it.told("ann", [reaction("a"), reaction("b")]).told("ben", [reaction("b"), reaction("a")]),
    ],
    ["a stanza to one who went", "isolation: ben", (it) => it.told("ben", [move("removed", "ben"), message(2)])],
    ["a stanza of a strange thread", "isolation: ben", (it) => it.told("ben", [{ ...message(2), thread: "u" }])],
    ["a receipt that goes back", "receipts: ann", (it) => it.told("ann", [receipt("ben", 1), receipt("ben", 1)])],
    ["a receipt of what was sent later", "receipts: ben", (it) => it.told("ben", [receipt("ann", 1)])],
    [
      "a receipt of which the newest is never told",
      "receipts: ann",
      (it) =>
        it
          .told("ann", [message(2), receipt("ben", 1)])
          .told("ben", [message(2)])
          .read("ben", 1)
          .read("ben", 2)
          .kept(1, 2),
    ],
    ["one id accepted as two", "idempotent: ann", (it) => it.sent(2, "m1", true)],
    [
      "a message that was told before it is stored as new, after its sender hung up",
      "whole or undone: ann",
      (it) =>
        it
          .take({ e: "cut", ...it.asked(), who: "ann", thread: "t", ids: ["m2"] })
          .told("ann", [message(2)])
          .sent(2),
    ],
    ["one id told as two", "one message an id: ben", (it) => it.told("ben", [message(2, "m1")])],
    [
      "one number told as two",
      "one message an id: ben",
      (it) => it.told("ann", [message(2)]).told("ben", [message(2, "other")]),
    ],
    ["an empty answer from before", "fresh: ben", (it) => it.sent(2).told("ben", [], { wait: 0 })],
    ["an answer that is late", "bounded: ben", (it) => it.told("ben", [], { wait: 1, ms: 20_000 })],
    [
      "a resync without a cause",
      "resync: ben",
      (it) => it.told("ben", [{ type: "resync", reason: "epoch", threads: [] }], { epoch: "F" }),
    ],
    ["an epoch without a resync", "resync: ben", (it) => it.told("ben", [message(2)], { epoch: "F" })],
    [
      "what was acknowledged is not kept",
      "no loss: ann",
      (it) =>
        it
          .told("ann", [message(2)])
          .told("ben", [message(2)])
          .sent(2)
          .kept(1),
    ],
    [
      "who stays behind at the end",
      "no loss: ben",
      (it) =>
        it
          .sent(2)
          .told("ann", [message(2)])
          .kept(1, 2),
    ],
  ])("%s", (_, rule, tell) => {
    expect(tell(begun()).broken).toContain(rule);
  });
});
