import { describe, expect, test } from "vitest";
import { arrive } from "../../lib/auth/arrival.js";
import { ban } from "../../lib/auth/ban.js";
import { streamCaller } from "../../lib/http/authenticate.js";
import { chat, meet, people, redis, tail, way } from "../support/people.js";
import { Person } from "../support/person.js";
import { session } from "../support/site.js";

await meet();

const { keys } = chat;

/** Arrives with a session at an instance whose memory is gone; `asked` is what was asked of the store that names the user's description. */
async function arrival(entity: string) {
  const headers = { authorization: `Bearer ${await session(entity)}` };
  const request = new Request("http://localhost/nereid-chat/stream?cursor=", { headers });
  const arrive = async () => {
    way.passed.length = 0;
    await streamCaller(chat, { request, token: undefined, toStream: true, now: Date.now() });
  };
  const asked = (key: string) => way.passed.filter(({ body }) => body.includes(key)).length;
  return { arrive, asked };
}

describe("the bearer of a session who is new to an instance", () => {
  test("is described by the request that asks whether there is a ban", async () => {
    const { ann } = people();
    const { arrive, asked } = await arrival(ann.id);
    tail.reset("test");
    // The first one finds a script that the store may not have seen.
    await arrive();
    await redis("DEL", keys.actor(ann.id));
    tail.reset("test");
    await arrive();
    expect([asked(keys.actor(ann.id)), asked(keys.bans), way.passed.length]).toEqual([1, 1, 2]);
    expect(await redis("GET", keys.actor(ann.id))).toMatchObject({ result: expect.stringContaining(ann.id) });
  });

  test("is not described when banned", async () => {
    const dan = await new Person(chat).begin();
    const { arrive } = await arrival(dan.id);
    await ban(chat, dan.id, Date.now());
    await redis("DEL", keys.actor(dan.id));
    tail.reset("test");
    await expect(arrive()).rejects.toMatchObject({ code: "banned" });
    expect(await redis("GET", keys.actor(dan.id))).toMatchObject({ result: null });
  });

  test("is asked about again, not described again, where the same session was introduced", async () => {
    const { ann } = people();
    const { arrive, asked } = await arrival(ann.id);
    tail.reset("test");
    await arrive();
    await arrive();
    expect([asked(keys.actor(ann.id)), asked(keys.bans)]).toEqual([0, 1]);
    await ban(chat, ann.id, Date.now());
    tail.reset("test");
    await expect(arrive()).rejects.toMatchObject({ code: "banned" });
  });

  test("as a guest is described for as long as the session", async () => {
    const { ann } = people();
    const { caller } = ann;
    const actor = { ...caller.actor, objectType: "guest" };
    tail.reset("test");
    await arrive(chat, { ...caller, actor, expires: Date.now() + 60_000 }, Date.now());
    expect(await redis("PTTL", keys.actor(ann.id))).toMatchObject({ result: expect.toSatisfy((ms) => ms > 50_000) });
  });
});
