import { beforeEach, describe, expect, it } from "vitest";
import * as thread from "../../lib/chat/thread.js";
import { makeAvailable } from "../../lib/presence/presence.js";
import { follow } from "../../lib/stream/follow.js";
import { chat } from "../support/chat.js";
import { Person } from "../support/person.js";

type Message = { text: string; seq: number };

let ann: Person;
let ben: Person;
let room: string;

beforeEach(async () => {
  [ann, ben] = await Promise.all([new Person(chat).begin(), new Person(chat).begin()]);
  room = await thread.room(chat, ann.caller, { members: [ben.id] }, Date.now());
  await ben.send("message", { thread: room, text: "0" });
  await makeAvailable(chat, ben.caller, Date.now());
  await ann.follow(0);
});

/** Reads to the end with a limit, and returns the stanzas of each answer: messages by what `name` makes of them, others by their type. */
async function pages<Name>(
  limit: number,
  remember: boolean,
  name: (message: Message) => Name,
): Promise<(Name | string)[][]> {
  const pages: (Name | string)[][] = [];
  for (let cursor = remember ? undefined : ann.at; ; ) {
    const question = { cursor, wait: 0, limit, remember };
    const answer = await follow(chat, ann.caller, question, new AbortController().signal);
    if (answer.stanzas.length === 0) return pages;
    const stanzas = answer.stanzas.map(({ body }) => JSON.parse(body));
    pages.push(stanzas.map((it) => (it.type === "message" ? name(it.message) : it.type)));
    if (!remember) cursor = answer.cursor;
  }
}

const textOf = ({ text }: Message) => text;
const seqOf = ({ seq }: Message) => seq;

describe("limit", () => {
  for (const limit of [1, 2, 3]) {
    it(`${limit}: the roster of a cold answer counts as a stanza, and nothing is lost because of it`, async () => {
      for (const text of ["1", "2", "3", "4"]) await ben.send("message", { thread: room, text });
      await ben.send("presence", [{ status: `The roster is another than at ${limit}` }]);
      chat.tail.reset("test");
      const all = await pages(limit, false, textOf);
      for (const page of all) expect(page.length).toBeLessThanOrEqual(limit);
      expect(all.flat().filter((it) => it !== "presence")).toEqual(["1", "2", "3", "4"]);
      expect(all.flat()).toContain("presence");
    });
  }

  it("also bounds the first answer to a client without a cursor", async () => {
    const birth = ann.at;
    if (birth !== undefined) Object.assign(ann.caller, { birth });
    for (const text of ["1", "2"]) await ben.send("message", { thread: room, text });
    const all = await pages(1, true, textOf);
    for (const page of all) expect(page).toHaveLength(1);
    expect(all.flat().filter((it) => it !== "presence")).toEqual(["1", "2"]);
    // Once alone, and once more where it is recorded for a poll from there.
    expect(all.flat().length).toBeLessThanOrEqual(4);
  });

  it("counts a resync, and nothing after it is lost", async () => {
    await Promise.all(Array.from({ length: 400 }, () => ben.send("message", { thread: room, text: "so many" })));
    chat.tail.reset("test");
    const all = await pages(10, false, seqOf);
    for (const page of all) expect(page.length).toBeLessThanOrEqual(10);
    const flat = all.flat();
    expect(flat.filter((it) => it === "resync")).toHaveLength(1);
    const kept = flat.filter((it) => typeof it === "number");
    expect(kept.at(-1)).toBe(401);
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 401 - kept.length + 1 + i));
  });
});
