import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, test, vi } from "vitest";
import { begin } from "../../lib/log/clock.js";
import { follow } from "../../lib/stream/follow.js";
import { composeChat } from "../support/chat.js";
import { Person, type Stanza } from "../support/person.js";

// Two instances on one store: what is retracted at one must not be said by the other.
const [here, there] = [composeChat(), composeChat()];
const SECRET = "the secret that was said";
const never = new AbortController().signal;

afterAll(() => {
  for (const { tail } of [here, there]) tail.close();
});

async function two(): Promise<{ ann: Person; ben: Person; thread: string; start: NonNullable<Person["at"]> }> {
  const start = await begin(here, Date.now());
  const [ann, ben] = [new Person(here), new Person(there)];
  const sent = await ann.send("message", { to: [ben.id], text: "Hello" });
  const thread = typeof sent === "object" && sent !== null && "thread" in sent ? `${sent.thread}` : "";
  return { ann, ben, thread, start: { epoch: start.epoch, n: start.n } };
}

/** Reads a stream from a cursor to its end, in answers of `limit` stanzas at most. */
async function read(person: Person, from: Person["at"], limit = 100, wait = 0): Promise<Stanza[]> {
  const stanzas: Stanza[] = [];
  for (let cursor = from; ; ) {
    const answer = await follow(person.chat, person.caller, { cursor, wait, limit, remember: false }, never);
    stanzas.push(...answer.stanzas.map(({ body }): Stanza => JSON.parse(body)));
    cursor = answer.cursor;
    if (!answer.more) return stanzas.filter(({ type }) => type !== "presence");
  }
}

const messages = (stanzas: Stanza[]) => stanzas.flatMap(({ message }) => message ?? []);
const seqs = (stanzas: Stanza[]) => messages(stanzas).map((it) => JSON.stringify(it).replace(/.*"seq":(\d+).*/, "$1"));

/** Waits until an instance answers from memory. */
async function warm(chat: typeof here): Promise<void> {
  const person = new Person(chat);
  await person.begin();
  await vi.waitUntil(
    async () => {
      await person.hear();
      return chat.tail.memory?.find(person.id, Date.now()) !== undefined;
    },
    { timeout: 8_000, interval: 50 },
  );
}

describe("after a retraction was acknowledged, the text does not come", () => {
  test.each([
    ["cold", false],
    ["from memory", true],
  ])("%s, whatever the limit and wherever the other instance stands", async (_, isWarm) => {
    if (isWarm) await Promise.all([warm(here), warm(there)]);
    const { ann, ben, thread, start } = await two();
    if (isWarm) await read(ben, start);
    const id = randomUUID();
    await ann.send("message", { thread, id, text: SECRET });
    for (let i = 0; i < 5; i++) await ann.send("message", { thread, text: `after ${i}` });
    await ann.send("retract", { thread, id: id.toUpperCase() });
    for (const limit of [1, 2, 3, 100]) {
      for (const reader of [ann, ben]) {
        const stanzas = await read(reader, start, limit);
        expect(JSON.stringify(stanzas)).not.toContain(SECRET);
        expect(seqs(stanzas)).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
        expect(messages(stanzas)[1]).toEqual({
          ...{ id, thread, seq: 2 },
          timestamp: expect.any(String),
          retracted: expect.any(String),
        });
        expect(stanzas.at(-1)).toMatchObject({ type: "retract", retract: { thread } });
      }
    }
  });

  test("nor in a correction that came before it", async () => {
    const { ann, ben, thread, start } = await two();
    const id = randomUUID();
    await ann.send("message", { thread, id, text: "nothing yet" });
    await ann.send("edit", { thread, id, text: SECRET });
    await ann.send("retract", { thread, id });
    for (const limit of [1, 2, 100]) {
      const stanzas = await read(ben, start, limit);
      expect(JSON.stringify(stanzas)).not.toContain(SECRET);
      expect(stanzas.map(({ type }) => type).filter((type) => type !== "thread")).toEqual([
        "message",
        "message",
        "retract",
      ]);
    }
  });

  test("nor where its log is longer than an answer", async () => {
    const { ann, ben, thread, start } = await two();
    const ids = Array.from({ length: 120 }, () => randomUUID());
    for (const id of ids) await ann.send("message", { thread, id, text: SECRET });
    for (const id of ids.slice(0, 60)) await ann.send("retract", { thread, id });
    const stanzas = await read(ben, start);
    expect(JSON.stringify(messages(stanzas).slice(1, 61))).not.toContain(SECRET);
    expect(seqs(stanzas)).toEqual(Array.from({ length: 121 }, (_, i) => `${i + 1}`));
  });
});

describe("after a correction was acknowledged, the present text comes", () => {
  test.each([1, 2, 100])("in answers of %i stanzas, as in the history", async (limit) => {
    const { ann, ben, thread, start } = await two();
    const id = randomUUID();
    await ann.send("message", { thread, id, text: SECRET, subject: "one", x: { kept: true } });
    await ann.send("edit", { thread, id, text: `${SECRET} still` });
    await ann.send("edit", { thread, id, text: "mended", subject: "two" });
    const stanzas = await read(ben, start, limit);
    expect(JSON.stringify(stanzas)).not.toContain(SECRET);
    expect(messages(stanzas)[1]).toMatchObject({ seq: 2, text: "mended", subject: "two", x: { kept: true } });
    expect(messages(stanzas)[1]).toHaveProperty("edited");
    expect(stanzas.filter(({ type }) => type === "edit")).toHaveLength(2);
  });
});

test("an instance whose wire lags looks at the log before it repeats what is old", async () => {
  await Promise.all([warm(here), warm(there)]);
  const { ann, ben, thread, start } = await two();
  const id = randomUUID();
  await ann.send("message", { thread, id, text: SECRET });
  await read(ben, start);
  const apply = vi.spyOn(there.tail.memory ?? Object.create(null), "apply").mockImplementation(() => "known");
  await ann.send("retract", { thread, id });
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2_000 });
  try {
    expect(JSON.stringify(await read(ben, start, 100, 1))).not.toContain(SECRET);
  } finally {
    vi.useRealTimers();
    apply.mockRestore();
  }
});
