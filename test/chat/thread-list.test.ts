import { beforeAll, expect, test } from "vitest";
import { make } from "../../lib/chat/thread.js";
import { list } from "../../lib/chat/thread-list.js";
import { changeSettings } from "../../lib/chat/thread-settings.js";
import { chat } from "../support/chat.js";
import { Person } from "../support/person.js";

const NOW = Date.UTC(2026, 0, 1);
const ann = new Person(chat);
const made: string[] = [];

async function open(now: number, count: number): Promise<void> {
  for (let i = 0; i < count; i++) made.unshift((await make(chat, ann.caller, { kind: "room", members: [] }, now)).id);
}

beforeAll(async () => {
  await ann.begin();
  await open(NOW, 3);
  await open(NOW + 1, 230);
  await open(NOW + 2, 4);
});

/** Reads all pages, each by the id to go on with, where there is one, else by the time, or the id, of the last thread. */
async function walk(limit: number, by: "id" | "updated"): Promise<string[]> {
  const seen: string[] = [];
  for (let before: string | undefined; ; ) {
    const page = await list(chat, ann.caller, before === undefined ? { limit } : { limit, before });
    seen.push(...page.threads.map(({ id }) => id));
    before = page.before ?? page.threads.at(-1)?.[by];
    if (before === undefined) return seen;
  }
}

test.each([1, 3, 50, 100])("pages of %i by time name each thread once, however many share a time", async (limit) => {
  expect(await walk(limit, "updated")).toEqual(made);
});

test.each([7, 100])("pages of %i by id name each thread once", async (limit) => {
  expect(await walk(limit, "id")).toEqual(made);
});

test("hidden threads in between are passed over, and end no page early", async () => {
  const hidden = new Set(made.slice(10, 60));
  for (const thread of hidden) await changeSettings(chat, ann.caller, { thread, hidden: true }, NOW + 3);
  expect(await walk(3, "updated")).toEqual(made.filter((id) => !hidden.has(id)));
});
