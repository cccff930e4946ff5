import * as v from "valibot";
import { describe, expect, it, vi } from "vitest";
import * as thread from "../../lib/chat/thread.js";
import type { ChatContext } from "../../lib/http/chat-context.js";
import { readClock } from "../../lib/log/clock.js";
import type { Cursor } from "../../lib/log/cursor.js";
import { write, writeScript } from "../../lib/log/write.js";
import { encode } from "../../lib/store/keys.js";
import { follow } from "../../lib/stream/follow.js";
import { composeChat } from "../support/chat.js";
import { Person } from "../support/person.js";

// An instance of this version beside one of a newer version, on one store. The newer version is played by scripts of this test.

// Appends events as a newer version may: one of a kind that this version does not know, and one whose line and entry have another format.
// KEYS: clock, thread, events, tips. ARGV: own: who (encoded), thread id, "1" if the entry of the other format names its predecessor.
const WRITE_NEWER = writeScript(`
local thread, events, tips, who, id, named = KEYS[2], KEYS[3], KEYS[4], ARGV[5], ARGV[6], ARGV[7] == '1'
local vote = append(events, redis.call('HGET', thread, 'tip'), 'poll-vote', who, id, '{"type":"poll-vote","poll-vote":{"choice":1}}')
n = n + 1
local newest = text(n)
lines[#lines + 1] = '2 ' .. epoch .. ' ' .. newest .. ' ' .. tag .. ' "poll" {"thread":"' .. id .. '"}'
local predecessor = named and 'p' or 'after'
redis.call('XADD', events, 'MAXLEN', '~', '256', newest .. '-0', 'version', '2', predecessor, vote, 'stanza', 'poll')
redis.call('HSET', thread, 'tip', newest)
redis.call('ZADD', tips, newest, id)
commit()
return newest
`);

/** Writes two events to a thread that this version cannot understand. */
function writeNewer(chat: ChatContext, id: string, { named = true } = {}) {
  const scriptKeys = [chat.keys.thread(id), chat.keys.events(id), chat.keys.tips(id)];
  return write(chat, WRITE_NEWER, v.string(), Date.now(), scriptKeys, [encode("user,newer"), id, named ? "1" : "0"]);
}

/** Makes an instance, and records why its tail is reset. */
function instance() {
  const chat = composeChat();
  const resets: unknown[] = [];
  vi.spyOn(chat.logger, "error").mockImplementation((event, fields) => {
    if (event === "tail_reset") resets.push(fields?.cause);
  });
  return { chat, resets };
}

/** Ann writes at another instance than the one at which ben, a member of the same room, reads; the room has one message. */
async function scene() {
  const { chat, resets } = instance();
  const ann = await new Person(composeChat()).begin();
  const ben = await new Person(chat, "user,ben").begin();
  const id = await thread.room(ann.chat, ann.caller, { members: [ben.id] }, Date.now());
  const say = (text: string) => ann.send("message", { thread: id, text });
  await say("before");
  const newer = (options = {}) => writeNewer(ann.chat, id, options);
  return { chat, resets, ann, ben, id, say, newer };
}

/** Polls until the tail of an instance can be trusted, with the user in its cache. */
async function warm({ chat, ben }: Pick<Awaited<ReturnType<typeof scene>>, "chat" | "ben">): Promise<void> {
  await ben.hear();
  await vi.waitUntil(() => chat.tail.trusted, { timeout: 8_000, interval: 10 });
  await ben.hear();
}

/** Polls once, at any instance, from any cursor. */
async function ask(chat: ChatContext, { caller }: Person, { epoch, n }: Cursor, limit = 100) {
  const question = { cursor: { epoch, n }, wait: 0, limit, remember: false };
  const { cursor, stanzas } = await follow(chat, caller, question, new AbortController().signal);
  return { cursor, stanzas: stanzas.map(({ n, body }) => ({ n, body })) };
}

const textsOf = (stanzas: { type: string; [payload: string]: unknown }[]) =>
  stanzas.map((it) => (it.type === "message" ? Object(it.message).text : it.type));

describe("no loss, no duplicates: an instance beside one of a newer version", () => {
  it("skips in memory what it cannot understand, and goes past it", async () => {
    const { chat, resets, ben, say, newer } = await scene();
    await warm({ chat, ben });
    await newer();
    await say("after");
    expect(textsOf(await ben.hear())).toEqual(["after"]);
    const { epoch, n } = await readClock(chat);
    expect([ben.at, chat.tail.memory?.to]).toEqual([{ epoch, n }, n]);
    expect(await ben.hear()).toEqual([]);
    await newer();
    expect(await ben.hear()).toEqual([]);
    expect(ben.at).toEqual({ epoch, n: n + 2 });
    expect(resets).toEqual([]);
  });

  it("skips in the log what it cannot understand, and goes past it", async () => {
    const { chat, resets, ben, say, newer } = await scene();
    await newer();
    await say("after");
    await newer();
    expect(chat.tail.ready).toBe(false);
    expect(textsOf(await ben.hear())).toEqual(["thread", "before", "after"]);
    const { epoch, n } = await readClock(chat);
    expect(ben.at).toEqual({ epoch, n });
    await vi.waitUntil(() => chat.tail.trusted, { timeout: 8_000, interval: 10 });
    await say("later");
    expect(textsOf(await ben.hear())).toEqual(["later"]);
    expect(resets).toEqual([]);
  });

  it("answers the same from memory and from the log, from any cursor", async () => {
    const { chat, ben, say, newer } = await scene();
    await warm({ chat, ben });
    const begin = ben.at ?? { epoch: "", n: 0 };
    for (const text of ["one", "two", "three"]) {
      await newer();
      await say(text);
    }
    await newer();
    await ben.hear();
    const { chat: cold } = instance();
    // Without a tail, every answer comes from the log.
    cold.tail.close();
    for (let n = begin.n; n <= (ben.at?.n ?? 0); n++) {
      const cursor = { epoch: begin.epoch, n };
      const [remembered, read] = await Promise.all([ask(chat, ben, cursor), ask(cold, ben, cursor)]);
      // The log adds the roster.
      expect({ ...read, stanzas: read.stanzas.filter((it) => !/^."type":"presence"/.test(it.body)) }).toEqual(
        remembered,
      );
    }
  });

  it("does not end a held poll by it, and answers that with the next message", async () => {
    const { chat, resets, ben, say, newer } = await scene();
    await warm({ chat, ben });
    const question = { cursor: ben.at, wait: 10, limit: 100, remember: false };
    const held = follow(chat, ben.caller, question, new AbortController().signal);
    await newer();
    await say("after");
    expect((await held).stanzas.map((it) => JSON.parse(it.body).message?.text)).toEqual(["after"]);
    expect(resets).toEqual([]);
  });

  it("finds the next message in the log behind more of it than an answer holds", async () => {
    const { chat, ben, say, newer } = await scene();
    const from = await readClock(chat);
    for (let i = 0; i < 10; i++) await newer();
    await say("after");
    const texts: string[] = [];
    for (let at: Cursor = from; ; ) {
      const { cursor, stanzas } = await ask(chat, ben, at, 1);
      if (stanzas.length === 0) break;
      texts.push(...textsOf(stanzas.map((it) => JSON.parse(it.body))));
      at = cursor;
    }
    expect(texts.filter((it) => it !== "presence")).toEqual(["after"]);
  });

  it.each([
    ["that names its predecessor", true],
    ["that does not name its predecessor", false],
  ])("reports a thread as trimmed if the log begins with an entry of the newer version %s", async (_, named) => {
    const { chat, ben, id, say, newer } = await scene();
    await newer({ named });
    await say("after");
    const trim = "redis.call('XTRIM', KEYS[1], 'MAXLEN', 2) return 1";
    await chat.store.runScript(trim, v.literal(1), [chat.keys.events(id)], []);
    const stanzas = await ben.hear();
    expect(stanzas[0]).toMatchObject({ type: "resync", resync: { reason: "trimmed", threads: [{ id }] } });
    expect(textsOf(stanzas.slice(1))).toEqual(["after"]);
  });
});
