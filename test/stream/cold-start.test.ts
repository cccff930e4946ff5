import { describe, expect, it } from "vitest";
import { ask, never, people, redis, room, type Someone, say, tail, told, trust, way } from "../support/people.js";

const { Person } = await import("../support/person.js");
const { listener } = await import("../../lib/http/authenticate.js");
const keys = await import("../../lib/store/keys.js");
const log = await import("../../lib/log/write.js");
const { follow } = await import("../../lib/stream/follow.js");
const token = await import("../../lib/auth/token.js");

type Listener = Awaited<ReturnType<typeof listener>>;

/** Makes a chat token, and the question of somebody who comes with it to an instance that remembers nothing. */
async function comer({ caller }: Pick<Someone, "caller">, query = "?cursor=") {
  const made = await token.create({ actor: caller.actor, expires: Date.now() + 60_000 }, Date.now());
  const key = keys.token(keys.digest(made.token));
  const request = new Request(`http://localhost/nereid-chat/stream/${made.token}${query}`);
  const come = () => {
    tail.reset();
    way.passed.length = 0;
    return listener({ request, token: made.token, toStream: true, now: Date.now() });
  };
  return { come, key, token: made.token, cursor: log.parseCursor(made.cursor) };
}

/** Asks as a listener, and answers what is told, but for who is there. */
async function hear(who: Listener, cursor: Someone["at"], wait = 0) {
  const answer = await follow(who, { cursor, wait, limit: 100, remember: cursor === undefined }, never);
  const stanzas = answer.stanzas.map(({ body }) => JSON.parse(body));
  return { ...answer, stanzas: stanzas.filter((it) => it.type !== "presence"), all: stanzas };
}

describe("arriving at an instance that remembers nothing", () => {
  it("asks for a token and for what its bearer's first answer needs at once, and for nothing twice", async () => {
    const { ann, ben } = people();
    await say(ben, await room(ann, [ben]), "I am here");
    const { come, cursor } = await comer(ann);
    await say(ben, await room(ann, [ben]), "first");
    const { all } = await hear(await come(), cursor);
    expect(told(all.filter((it) => it.type !== "presence"))).toEqual(["created", "first"]);
    expect(all.at(-1)).toMatchObject({ type: "presence", presence: [{ entity: ben.id }] });
    expect(way.passed.filter((it) => it.body.includes(keys.threads(ann.id)))).toEqual([]);
  });

  it("finds what belongs to an entity, however it is spelled", async () => {
    const { ann } = people();
    const odd = await new Person('o"d*d, %20%d|:{"who":"x"} 🎈').begin();
    const id = await room(ann, [odd]);
    const { come, cursor } = await comer(odd);
    await say(ann, id, "for you");
    const who = await come();
    expect(who.arrival).toBeDefined();
    expect(told((await hear(who, cursor)).stanzas)).toEqual(["for you"]);
  });

  it("answers the second question from what is true then", async () => {
    const { ann, ben } = people();
    const { come, cursor } = await comer(ben);
    const who = await come();
    expect((await hear(who, cursor)).stanzas).toEqual([]);
    const id = await room(ann, [ben]);
    await say(ann, id, "later");
    expect(told((await hear(who, cursor)).stanzas)).toEqual(["created", "later"]);
  });

  it("forgets what it asked for when memory knows it after all: a poll that is held is not answered from then", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    const { come, cursor } = await comer(ben);
    const who = await come();
    await trust();
    await ben.hear();
    const { stanzas, cursor: at } = await hear(who, cursor);
    expect(stanzas).toEqual([]);
    await say(ann, id, "one");
    const { cursor: after } = await ask(ben, at);
    tail.reset();
    await say(ann, id, "two");
    expect(told((await hear(who, after)).stanzas)).toEqual(["two"]);
  });

  it("reads a token that does not tell whose it is as before", async () => {
    const { ann, ben } = people();
    const { come, cursor, key } = await comer(ben);
    const { result } = Object(await redis("GET", key));
    await redis("SET", key, String(result).replace(/"who":"[^"]*",/, ""));
    await say(ann, await room(ann, [ben]), "first");
    const who = await come();
    expect(who.arrival).toBeUndefined();
    expect(told((await hear(who, cursor)).stanzas)).toEqual(["created", "first"]);
  });

  it("keeps where a cursorless answer ended together with its last step", async () => {
    const { ann, ben } = people();
    const id = await room(ann, [ben]);
    await say(ben, id, "I am here");
    const { come } = await comer(ann, "");
    await say(ben, id, "once");
    expect(told((await hear(await come(), undefined)).stanzas)).toEqual(["once"]);
    expect(way.passed.filter((it) => it.body.includes(keys.online) && /position/.test(it.body))).toHaveLength(1);
    await say(ben, id, "and on");
    expect(told((await hear(await come(), undefined)).stanzas)).toEqual(["and on"]);
  });

  it("lets others know how the bearer of a session is called, and tells them what belongs to them", async () => {
    const { session } = await import("../support/site.js");
    const { ann } = people();
    const dan = await new Person().begin();
    const id = await room(ann, [dan]);
    await say(ann, id, "for you");
    const headers = { authorization: `Bearer ${await session(dan.id)}` };
    const request = new Request("http://localhost/nereid-chat/stream?cursor=", { headers });
    tail.reset();
    way.passed.length = 0;
    const who = await listener({ request, token: undefined, toStream: true, now: Date.now() });
    expect(told((await hear(who, dan.at)).stanzas)).toEqual(["created", "for you"]);
    const read = way.passed.filter(({ body }) => body.includes(keys.clock) && body.includes(keys.threads(dan.id)));
    expect(read).toHaveLength(1);
    expect(await redis("GET", keys.actor(dan.id))).toMatchObject({ result: expect.stringContaining(dan.id) });
  });
});

describe("no loss: while somebody's arrival is under way", () => {
  it.each([
    ["hears of it", async () => undefined],
    ["begins after it", async () => tail.reset()],
  ])("they join, and the instance %s", async (_, meanwhile) => {
    const { ann, ben } = people();
    const { come, cursor, key } = await comer(ben);
    const slow = way.hold(key);
    const coming = come();
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
    const { come, cursor } = await comer(ben);
    await spoil();
    const { stanzas, cursor: at } = await hear(await come(), cursor);
    expect(stanzas).toMatchObject([{ type: "resync", resync: { reason: "epoch", threads: [{ id }] } }]);
    expect(at.epoch).not.toBe(cursor?.epoch);
    await trust();
    await say(ann, id, "two");
    expect(told((await ask(ben, at)).stanzas)).toEqual(["two"]);
  });

  it("their token is revoked: it is not believed a second time", async () => {
    const { ben } = people();
    const made = await comer(ben);
    const slow = way.hold(made.key);
    const coming = made.come();
    await slow.arrived;
    await trust();
    await token.revoke(made.token, Date.now());
    slow.release();
    await coming;
    await expect(token.find(keys.digest(made.token), Date.now())).rejects.toMatchObject({ code: "token_unknown" });
    await expect(made.come()).rejects.toMatchObject({ code: "token_unknown" });
  });
});
