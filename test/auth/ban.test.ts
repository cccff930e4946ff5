import { afterAll, describe, expect, test, vi } from "vitest";
import { ban, checkNotBanned } from "../../lib/auth/ban.js";
import { create } from "../../lib/auth/token.js";
import { composeChat } from "../support/chat.js";
import { inProcess } from "../support/in-process.js";
import { outsider, somebody } from "../support/outsider.js";
import { Person } from "../support/person.js";
import { service } from "../support/service.js";
import { session } from "../support/site.js";

const here = inProcess({ guests: true });
const there = inProcess({ guests: true });
const server = await service(here);
afterAll(() => Promise.all([here.stop(), there.stop()]));

const bearer = (jwt: string) => ({ authorization: `Bearer ${jwt}` });
const of = (entity: string) => `bans?entity=${encodeURIComponent(entity)}`;
const banned = { status: 403, json: { code: "banned" } };

describe("a banned user", () => {
  test("is refused with every credential, on every instance, and let in again when the ban is lifted", async () => {
    const entity = somebody("ann");
    const headers = bearer(await session(entity));
    const { token } = await here.token(entity);
    const asks = [here, there].flatMap(({ call }) => [
      () => call("GET", `stream/${token}?wait=0`),
      () => call("GET", "threads", { headers: bearer(token) }),
      () => call("POST", `send/${token}`, { body: { type: "presence", presence: [{}] } }),
      () => call("GET", "threads", { headers }),
      () => call("GET", "stream?wait=0", { headers }),
      () => call("POST", "token", { headers }),
    ]);
    const revokeAll = () => here.call("DELETE", "token", { headers });
    for (const ask of asks) expect((await ask()).status).toBe(200);
    const { token: newer } = await there.token(entity);
    await there.call("GET", `stream/${newer}?wait=0`);
    expect((await server("POST", "bans", { entity })).status).toBe(204);
    expect((await server("POST", "bans", { entity })).status).toBe(204);
    for (const ask of [...asks, revokeAll]) expect(await ask()).toMatchObject(banned);
    await expect.poll(() => there.call("GET", `stream/${newer}?wait=0`)).toMatchObject(banned);
    expect((await server("DELETE", of(entity))).status).toBe(204);
    for (const ask of asks) await expect.poll(async () => (await ask()).status).toBe(200);
  });

  test("can have each token revoked by whoever has it", async () => {
    const entity = somebody("ann");
    const { token } = await here.token(entity);
    await server("POST", "bans", { entity });
    expect((await here.call("DELETE", `token/${token}`)).status).toBe(204);
    await server("DELETE", of(entity));
    expect((await here.call("GET", `stream/${token}?wait=0`)).json).toMatchObject({ code: "token_unknown" });
  });

  test("has no poll held and no stream open, here or elsewhere", async () => {
    const ann = somebody("ann");
    const headers = bearer(await session(ann));
    const { token } = await here.token(ann);
    await Promise.all([here, there].map(({ call }) => call("GET", "stream?wait=0", { headers })));
    const began = Date.now();
    const held = [here, there].flatMap(({ call }) => [
      call("GET", `stream/${token}?wait=25`),
      call("GET", "stream?wait=25", { headers }),
      call("GET", "stream?live=1", { headers: { ...headers, accept: "text/event-stream" } }),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await server("POST", "bans", { entity: ann });
    await Promise.all(held);
    expect(Date.now() - began).toBeLessThan(10_000);
  });

  test("is unavailable at once", async () => {
    const [ann, ben] = [await outsider(here, somebody("ann")), await outsider(here, somebody("ben"))];
    await ann.say({ to: [ben.entity], text: "Hi" });
    await ben.say({ to: [ann.entity], text: "Hi" });
    await ben.poll();
    await server("POST", "bans", { entity: ben.entity });
    const { json } = await here.call("GET", "friends", { headers: bearer(ann.token) });
    expect(json).toMatchObject({ friends: [{ entity: ben.entity, available: false }] });
  });

  test("is listed, one page after the other", async () => {
    const entities = ["a", "b"].map(somebody).sort();
    for (const entity of entities) await server("POST", "bans", { entity });
    const { json } = await server("GET", "bans");
    expect(json).toMatchObject({ bans: expect.arrayContaining(entities) });
    const { json: rest } = await server("GET", `bans?after=${encodeURIComponent(entities[0] ?? "")}`);
    expect(rest).not.toMatchObject({ bans: expect.arrayContaining([entities[0]]) });
    expect(rest).toMatchObject({ bans: expect.arrayContaining([entities[1]]) });
  });

  test("who is none costs the store nothing once that is known, until something changes", async () => {
    const instance = composeChat();
    const entity = somebody("ann");
    const { actor } = new Person(instance, entity).caller;
    instance.tail.open();
    await expect.poll(() => instance.tail.trusted).toBe(true);
    const reads = vi.spyOn(instance.store, "transact");
    for (let i = 0; i < 3; i++) await checkNotBanned(instance, actor.id);
    expect(reads).toHaveBeenCalledTimes(1);
    await ban(instance, actor.id, Date.now());
    await expect(checkNotBanned(instance, actor.id)).rejects.toMatchObject({ code: "banned" });
  });

  test("gets no token from a request that was let in before", async () => {
    const instance = composeChat();
    const { actor } = new Person(instance, somebody("ann")).caller;
    await ban(instance, actor.id, Date.now());
    const making = create(instance, { actor, expires: Date.now() + 60_000 }, Date.now());
    await expect(making).rejects.toMatchObject({ code: "banned" });
  });
});
