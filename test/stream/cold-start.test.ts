import { describe, expect, it } from "vitest";
import * as token from "../../lib/auth/token.js";
import { streamCaller } from "../../lib/http/authenticate.js";
import { parseCursor } from "../../lib/log/cursor.js";
import { digest } from "../../lib/store/keys.js";
import type { StreamCaller } from "../../lib/stream/cold-start.js";
import { follow } from "../../lib/stream/follow.js";
import {
  ask,
  chat,
  meet,
  never,
  people,
  redis,
  room,
  type Someone,
  say,
  tail,
  told,
  trust,
  way,
} from "../support/people.js";
import { Person } from "../support/person.js";
import { session } from "../support/site.js";

await meet();

const { keys } = chat;

/** Makes a chat token, and returns how to arrive with it at an instance that remembers nothing. */
async function visitor({ caller }: Pick<Someone, "caller">, query = "?cursor=") {
  const made = await token.create(chat, { actor: caller.actor, expires: Date.now() + 60_000 }, Date.now());
  const key = keys.token(digest(made.token));
  const request = new Request(`http://localhost/nereid-chat/stream/${made.token}${query}`);
  const arrive = () => {
    tail.reset("test");
    way.passed.length = 0;
    return streamCaller(chat, { request, token: made.token, toStream: true, now: Date.now() });
  };
  return { arrive, key, token: made.token, cursor: parseCursor(made.cursor) };
}

/** Polls as a caller, and returns the answer; `stanzas` are without presence. */
async function hear(who: StreamCaller, cursor: Someone["at"], wait = 0) {
  const answer = await follow(chat, who, { cursor, wait, limit: 100, remember: cursor === undefined }, never);
  const stanzas = answer.stanzas.map(({ body }) => JSON.parse(body));
  return { ...answer, stanzas: stanzas.filter((it) => it.type !== "presence"), all: stanzas };
}

describe("a cold start", () => {
  it("reads a token and what the first answer needs together, and nothing twice", async () => {
    const { ann, ben } = people();
    await say(ben, await room(ann, [ben]), "I am here");
    const { arrive, cursor } = await visitor(ann);
    await say(ben, await room(ann, [ben]), "first");
    const { all } = await hear(await arrive(), cursor);
    expect(told(all.filter((it) => it.type !== "presence"))).toEqual(["created", "first"]);
    expect(all.at(-1)).toMatchObject({ type: "presence", presence: [{ entity: ben.id }] });
    expect(way.passed.filter((it) => it.body.includes(keys.threads(ann.id)))).toEqual([]);
  });

  it("finds what belongs to an entity, whatever characters it has", async () => {
    const { ann } = people();
    const odd = await new Person(chat, 'o"d*d, %20%d|:{"who":"x"} 🎈').begin();
    const id = await room(ann, [odd]);
    const { arrive, cursor } = await visitor(odd);
    await say(ann, id, "for you");
    const who = await arrive();
    expect(who.coldStart).toBeDefined();
    expect(told((await hear(who, cursor)).stanzas)).toEqual(["for you"]);
  });

  it("answers the second poll from what is true then", async () => {
    const { ann, ben } = people();
    const { arrive, cursor } = await visitor(ben);
    const who = await arrive();
    expect((await hear(who, cursor)).stanzas).toEqual([]);
    const id = await room(ann, [ben]);
    await say(ann, id, "later");
    expect(told((await hear(who, cursor)).stanzas)).toEqual(["created", "later"]);
  });

  it("drops its snapshot when memory can answer after all: a held poll is not answered from it", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    const { arrive, cursor } = await visitor(ben);
    const who = await arrive();
    await trust();
    await ben.hear();
    const { stanzas, cursor: at } = await hear(who, cursor);
    expect(stanzas).toEqual([]);
    await say(ann, id, "one");
    const { cursor: after } = await ask(ben, at);
    tail.reset("test");
    await say(ann, id, "two");
    expect(told((await hear(who, after)).stanzas)).toEqual(["two"]);
  });

  it("reads the snapshot by itself for a token that does not contain its entity", async () => {
    const { ann, ben } = people();
    const { arrive, cursor, key } = await visitor(ben);
    const { result } = Object(await redis("GET", key));
    await redis("SET", key, String(result).replace(/"who":"[^"]*",/, ""));
    await say(ann, await room(ann, [ben]), "first");
    const who = await arrive();
    expect(who.coldStart).toBeUndefined();
    expect(told((await hear(who, cursor)).stanzas)).toEqual(["created", "first"]);
  });

  it("saves the cursor of a cursorless answer together with its last read", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    await say(ben, id, "I am here");
    const { arrive } = await visitor(ann, "");
    await say(ben, id, "once");
    expect(told((await hear(await arrive(), undefined)).stanzas)).toEqual(["once"]);
    expect(way.passed.filter((it) => it.body.includes(keys.online) && /position/.test(it.body))).toHaveLength(1);
    await say(ben, id, "and on");
    expect(told((await hear(await arrive(), undefined)).stanzas)).toEqual(["and on"]);
  });

  it("stores the name of the bearer of a session, and delivers what belongs to them", async () => {
    const { ann } = people();
    const dan = await new Person(chat).begin();
    const id = await room(ann, [dan]);
    await say(ann, id, "for you");
    const headers = { authorization: `Bearer ${await session(dan.id)}` };
    const request = new Request("http://localhost/nereid-chat/stream?cursor=", { headers });
    tail.reset("test");
    way.passed.length = 0;
    const who = await streamCaller(chat, { request, token: undefined, toStream: true, now: Date.now() });
    expect(told((await hear(who, dan.at)).stanzas)).toEqual(["created", "for you"]);
    const read = way.passed.filter(({ body }) => body.includes(keys.clock) && body.includes(keys.threads(dan.id)));
    expect(read).toHaveLength(1);
    expect(await redis("GET", keys.actor(dan.id))).toMatchObject({ result: expect.stringContaining(dan.id) });
  });
});

describe("no loss: while a cold start is under way", () => {
  it.each([
    ["hears the event", async () => undefined],
    ["begins after the event", async () => tail.reset("test")],
  ])("its user joins a thread, and the instance %s", async (_, meanwhile) => {
    const { ann, ben } = people();
    const { arrive, cursor, key } = await visitor(ben);
    const slow = way.hold(key);
    const coming = arrive();
    await slow.arrived;
    await trust();
    const id = await room(ann, [ben]);
    await say(ann, id, "in flight");
    await ann.hear();
    await meanwhile();
    await trust();
    slow.release();
    const began = Date.now();
    expect(told((await hear(await coming, cursor, 10)).stanzas)).toEqual(["created", "in flight"]);
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  it.each([
    ["is emptied", () => redis("DEL", keys.clock)],
    ["goes back", () => redis("HINCRBY", keys.clock, "n", -2)],
  ])("the log %s, and a new epoch begins", async (_, spoil) => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    await say(ann, id, "one");
    await ben.hear();
    const { arrive, cursor } = await visitor(ben);
    await spoil();
    const { stanzas, cursor: at } = await hear(await arrive(), cursor);
    expect(stanzas).toMatchObject([{ type: "resync", resync: { reason: "epoch", threads: [{ id }] } }]);
    expect(at.epoch).not.toBe(cursor?.epoch);
    await trust();
    await say(ann, id, "two");
    expect(told((await ask(ben, at)).stanzas)).toEqual(["two"]);
  });

  it("its token is revoked: the token is not accepted a second time", async () => {
    const { ben } = people();
    const made = await visitor(ben);
    const slow = way.hold(made.key);
    // What is under way meanwhile may be answered or refused: on a busy machine, the store may see the revocation first.
    const coming = made.arrive().catch(() => undefined);
    await slow.arrived;
    await trust();
    await token.revoke(chat, made.token, Date.now());
    slow.release();
    await coming;
    await expect(token.find(chat, digest(made.token), Date.now())).rejects.toMatchObject({ code: "token_unknown" });
    await expect(made.arrive()).rejects.toMatchObject({ code: "token_unknown" });
  });
});
