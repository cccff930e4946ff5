import * as v from "valibot";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readClock } from "../../lib/log/clock.js";
import { parseLine, splitLines } from "../../lib/log/wire.js";
import { write, writeScript } from "../../lib/log/write.js";
import { chat } from "../support/chat.js";

const over = new AbortController();
afterEach(() => over.abort());

// Publishes an event for each body. ARGV: own: the bodies.
const PUBLISH = writeScript(`
for i = 5, #ARGV do pass('post', 'ann%2C1', 't-' .. i, ARGV[i]) end
commit()
return #ARGV - 4
`);

/** Subscribes to the wire; returns the messages that arrive. */
async function listen(): Promise<string[]> {
  const messages: string[] = [];
  let text = "";
  let isOpen = false;
  const take = (piece: string) => {
    text += piece;
    isOpen ||= text.includes(`data: subscribe,${chat.keys.wire},`);
    messages.splice(0, Number.POSITIVE_INFINITY, ...messagesIn(text));
  };
  void chat.store.subscribe(chat.keys.wire, take, over.signal);
  await vi.waitUntil(() => isOpen, { timeout: 5_000, interval: 5 });
  return messages;
}

function messagesIn(text: string): string[] {
  const begin = `data: message,${chat.keys.wire},`;
  return text.split("\n").flatMap((line) => (line.startsWith(begin) ? [line.slice(begin.length)] : []));
}

describe("a write", () => {
  it("publishes its events as one message, with a line each that parses to what the script passed", async () => {
    const messages = await listen();
    const bodies = [
      "{}",
      '{"text":"a b  c"}',
      JSON.stringify({ text: "tab \t, line \n, é 🎈, 1 e 7 x post ann t {}" }),
    ];
    expect(await write(chat, PUBLISH, v.literal(3), Date.now(), [], bodies)).toBe(3);
    const { epoch, n, tag } = await readClock(chat);
    await vi.waitUntil(() => messages.length > 0, { timeout: 5_000, interval: 5 });
    expect(messages).toHaveLength(1);
    expect(splitLines(messages[0] ?? "").map(parseLine)).toEqual(
      bodies.map((body, i) => ({
        epoch,
        event: { n: n - 2 + i, tag, kind: "post", by: "ann%2C1", thread: `t-${5 + i}`, body },
      })),
    );
  });

  it("moves the clock by the number of its events, and tells the horizon", async () => {
    await write(chat, PUBLISH, v.literal(1), Date.now(), [], ["{}"]);
    const before = await readClock(chat);
    await write(chat, PUBLISH, v.literal(2), Date.now(), [], ["{}", "{}"]);
    const after = await readClock(chat);
    expect(after).toEqual({ epoch: before.epoch, n: before.n + 2, tag: expect.not.stringMatching(before.tag) });
    expect(chat.horizon.reached).toBe(after.n);
  });
});
