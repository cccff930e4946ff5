import { afterAll, beforeEach, describe, expect, it } from "vitest";
import * as thread from "../../lib/chat/thread.js";
import { tail } from "../../lib/log/tail.js";
import { arrive } from "../../lib/presence/presence.js";
import { follow } from "../../lib/stream/follow.js";
import { Person } from "../support/person.js";

let ann: Person;
let ben: Person;
let room: string;

beforeEach(async () => {
  [ann, ben] = await Promise.all([new Person().begin(), new Person().begin()]);
  room = await thread.room(ann.caller, { members: [ben.id] }, Date.now());
  await ben.send("message", { thread: room, text: "0" });
  await arrive(ben.caller, Date.now());
  await ann.follow(0);
});
afterAll(() => tail.close());

/** Reads on to the end with a limit, and answers each answer's stanzas. */
async function pages(limit: number, remember: boolean): Promise<string[][]> {
  const pages: string[][] = [];
  for (let cursor = remember ? undefined : ann.at; ; ) {
    const question = { cursor, wait: 0, limit, remember };
    const answer = await follow(ann.caller, question, new AbortController().signal);
    if (answer.stanzas.length === 0) return pages;
    pages.push(answer.stanzas.map(({ body }) => JSON.parse(body)).map((it) => it.message?.text ?? it.type));
    if (!remember) cursor = answer.cursor;
  }
}

describe("limit", () => {
  for (const limit of [1, 2, 3]) {
    it(`${limit}: the roster of a cold answer is one of the stanzas, and nothing is lost for it`, async () => {
      for (const text of ["1", "2", "3", "4"]) await ben.send("message", { thread: room, text });
      await ben.send("presence", [{ status: `The roster is another than at ${limit}` }]);
      tail.reset();
      const all = await pages(limit, false);
      for (const page of all) expect(page.length).toBeLessThanOrEqual(limit);
      expect(all.flat().filter((it) => it !== "presence")).toEqual(["1", "2", "3", "4"]);
      expect(all.flat()).toContain("presence");
    });
  }

  it("holds for the first answer to a client without a cursor, too", async () => {
    const birth = ann.at;
    if (birth !== undefined) Object.assign(ann.caller, { birth });
    for (const text of ["1", "2"]) await ben.send("message", { thread: room, text });
    const all = await pages(1, true);
    for (const page of all) expect(page).toHaveLength(1);
    expect(all.flat().filter((it) => it !== "presence")).toEqual(["1", "2"]);
    // Once alone, and once more where it is noted for whoever stands there.
    expect(all.flat().length).toBeLessThanOrEqual(4);
  });

  it("counts a resync, and what follows it is not lost", async () => {
    for (let i = 1; i <= 400; i++) await ben.send("message", { thread: room, text: `${i}` });
    tail.reset();
    const all = await pages(10, false);
    for (const page of all) expect(page.length).toBeLessThanOrEqual(10);
    const flat = all.flat();
    expect(flat.filter((it) => it === "resync")).toHaveLength(1);
    const texts = flat.filter((it) => /^\d+$/.test(it)).map(Number);
    expect(texts.at(-1)).toBe(400);
    expect(texts).toEqual(Array.from({ length: texts.length }, (_, i) => 400 - texts.length + 1 + i));
  });
});
