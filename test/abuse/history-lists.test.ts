import { describe, expect, test } from "vitest";
import { page } from "../../lib/chat/history.js";
import { make } from "../../lib/chat/thread.js";
import { chat } from "../support/chat.js";
import { Person } from "../support/person.js";

// The archive keeps 256 messages in a list.
const LIST = 256;

const ann = new Person(chat);
const { id } = await make(chat, ann.caller, { kind: "room", members: [] }, Date.now());
for (let seq = 1; seq <= LIST; seq += 16)
  await Promise.all(Array.from({ length: 16 }, () => ann.send("message", { thread: id, text: "one of a list" })));

async function seqs(query: Parameters<typeof page>[3]): Promise<unknown[]> {
  const { messages } = await page(chat, ann.caller, id, query);
  return messages.map((message) => JSON.parse(message).seq);
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe("a page of history that ends beside the border of two lists", () => {
  test("has the newest message when it alone lies in the second list", async () => {
    expect(await seqs({ limit: 3 })).toEqual([254, 255, 256]);
    await ann.send("message", { thread: id, text: "the first of the second list" });
    expect(await seqs({ limit: 3 })).toEqual([255, 256, 257]);
    expect(await seqs({ limit: 1 })).toEqual([257]);
    expect(await seqs({ after: 200 })).toEqual(range(201, 250));
    expect(await seqs({ after: 254 })).toEqual([255, 256, 257]);
    expect(await seqs({ after: 256 })).toEqual([257]);
    expect(await seqs({ before: 257, limit: 2 })).toEqual([255, 256]);
  });

  test("has each message, wherever it begins and ends", async () => {
    for (const n of [1, 2]) await ann.send("message", { thread: id, text: `${n}` });
    for (let from = 250; from <= 259; from++)
      for (let to = from; to <= 259; to++)
        expect(await seqs({ after: from - 1, limit: to - from + 1 })).toEqual(range(from, to));
  });
});
