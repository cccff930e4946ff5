import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { afterAll, describe, expect, inject, it } from "vitest";
import { createKeys } from "../../lib/store/keys.js";
import { inProcess } from "../support/in-process.js";
import { asThread, type Outsider, outsider, part, somebody } from "../support/outsider.js";

// Nobody is put anywhere, or found out, without their doing.

const GUEST = { actor: { objectType: "guest" } };
const problem = (status: number, code: string) => ({ status, json: { status, code } });
const keys = createKeys(process.env.CHAT_PREFIX ?? "");
const servers: ReturnType<typeof inProcess>[] = [];

function server(options: Parameters<typeof inProcess>[0] = {}) {
  const made = inProcess(options);
  servers.push(made);
  return made;
}
afterAll(() => Promise.all(servers.map((it) => it.stop())));

const open = server();
const few = server({ rateReach: 20 });

/** Runs one command of Redis. */
async function redis(...command: (string | number)[]): Promise<unknown> {
  const bridge = inject("bridge") ?? { url: "", token: "" };
  const headers = { authorization: `Bearer ${bridge.token}` };
  const response = await fetch(bridge.url, { method: "POST", headers, body: JSON.stringify(command) });
  const { result } = v.parse(v.object({ result: v.unknown() }), await response.json());
  return result;
}

const room = (who: Outsider, members: string[]) => who.call("POST", "threads", { kind: "room", members });
const write = (who: Outsider, to: string[]) => who.send({ type: "message", message: { to, text: "Hi" } });
const strangers = (count: number) => Array.from({ length: count }, () => somebody("stranger"));

describe("people whom one shares no thread with", () => {
  it("are rationed by the hour, whichever way they are reached, and each counts once", async () => {
    const ann = await outsider(few, somebody("ann"));
    const first = strangers(10);
    const { id } = asThread(await room(ann, first));
    expect((await room(ann, first)).status).toBe(201);
    expect((await write(ann, strangers(5))).status).toBe(200);
    expect((await ann.call("PATCH", `threads/${id}`, { add: strangers(5) })).status).toBe(200);
    expect(await write(ann, strangers(1))).toMatchObject(problem(429, "rate_limited"));
    expect(await room(ann, strangers(1))).toMatchObject(problem(429, "rate_limited"));
    const named = { thread: `t-${randomUUID()}`, to: strangers(1), text: "Hi" };
    expect(await ann.send({ type: "message", message: named })).toMatchObject(problem(429, "rate_limited"));
    expect(await ann.call("POST", "start-session", { user: somebody() })).toMatchObject(problem(429, "rate_limited"));
    const add = { type: "thread", thread: { id, add: strangers(1) } };
    expect(await ann.send(add)).toMatchObject(problem(429, "rate_limited"));
    expect((await write(ann, first.slice(0, 1))).status).toBe(200);
  });

  it("are a tenth for a guest, and none whom the session names as contacts", async () => {
    const guest = await outsider(few, somebody("guest"), GUEST);
    expect((await write(guest, strangers(2))).status).toBe(200);
    expect(await write(guest, strangers(1))).toMatchObject(problem(429, "rate_limited"));
    const agent = await outsider(few, somebody("agent"), { contacts: ["stranger,*"] });
    expect((await room(agent, strangers(50))).status).toBe(201);
  });

  it("come into a guest's room by invite only", async () => {
    const guest = await outsider(open, somebody("guest"), GUEST);
    const ann = await outsider(open, somebody("ann"));
    expect(await room(guest, [ann.entity])).toMatchObject(problem(403, "forbidden"));
    const named = { thread: `t-${randomUUID()}`, to: [ann.entity], text: "Hi" };
    expect(await guest.send({ type: "message", message: named })).toMatchObject(problem(403, "forbidden"));
    const { id } = asThread(await room(guest, []));
    expect(await guest.call("PATCH", `threads/${id}`, { add: [ann.entity] })).toMatchObject(problem(403, "forbidden"));
    const code = part(await guest.call("POST", `threads/${id}/invites`), "code");
    expect((await ann.call("POST", "threads/join", { code })).status).toBe(200);
    expect((await room(guest, [ann.entity])).status).toBe(201);
    expect((await write(guest, strangers(1))).status).toBe(200);
  });

  it("come into a guest's room by invite only, also when the guest has written to them", async () => {
    const guest = await outsider(open, somebody("guest"), GUEST);
    const [ann, ben] = [await outsider(open, somebody("ann")), await outsider(open, somebody("ben"))];
    const { id } = asThread(await room(guest, []));
    await write(guest, [ann.entity]);
    const { id: three } = asThread(
      await guest.call("POST", "threads", { kind: "direct", members: [ann.entity, ben.entity] }),
    );
    await ben.say({ thread: three, text: "Who is this?" });
    const both = [ann.entity, ben.entity];
    const add = (entities: string[]) => ({ type: "thread", thread: { id, add: entities } });
    const named = { thread: `t-${randomUUID()}`, to: both, text: "Hi" };
    expect(await room(guest, both)).toMatchObject(problem(403, "forbidden"));
    expect(await guest.send({ type: "message", message: named })).toMatchObject(problem(403, "forbidden"));
    expect(await guest.call("PATCH", `threads/${id}`, { add: both })).toMatchObject(problem(403, "forbidden"));
    expect(await guest.send(add(both))).toMatchObject(problem(403, "forbidden"));
    expect((await guest.send(add([ben.entity]))).status).toBe(200);
    await ann.send({ type: "receipt", receipt: { thread: three, seq: 1 } });
    expect((await guest.send(add([ann.entity]))).status).toBe(200);
  });

  it("are not reached at all with CHAT_REACH=contacts", async () => {
    const held = server({ reach: "contacts" });
    const [ann, ben] = await Promise.all([outsider(held, somebody("ann")), outsider(held, somebody("ben"))]);
    expect(await write(ann, [ben.entity])).toMatchObject(problem(403, "not_a_contact"));
    expect(await room(ann, [ben.entity])).toMatchObject(problem(403, "not_a_contact"));
    const code = part(await ann.call("POST", `threads/${asThread(await room(ann, [])).id}/invites`), "code");
    expect((await ben.call("POST", "threads/join", { code })).status).toBe(200);
    expect((await write(ann, [ben.entity])).status).toBe(200);
    const agent = await outsider(held, somebody("agent"), { contacts: [ann.entity] });
    expect((await write(agent, [ann.entity])).status).toBe(200);
  });
});

describe("somebody who blocks the maker of rooms", () => {
  it("has nothing written into their keys, and cannot be told from others", async () => {
    const [mallory, ann] = await Promise.all([outsider(open, somebody("mallory")), outsider(open, somebody("ann"))]);
    await ann.send({ type: "block", block: { entity: mallory.entity } });
    const thread = `t-${randomUUID()}`;
    await mallory.say({ thread, to: [ann.entity, somebody()], text: "Hi" });
    const { id } = asThread(await room(mallory, []));
    const added = asThread(await mallory.call("PATCH", `threads/${id}`, { add: [ann.entity] }));
    expect(added.memberCount).toBe(2);
    expect(await redis("HLEN", keys.threads(ann.entity))).toBe(0);
    expect(part(await ann.call("GET", "threads"), "threads")).toEqual([]);
    const described = await mallory.call("GET", `actors?ids=${encodeURIComponent(ann.entity)}`);
    expect(part(described, "actors")).toMatchObject([{ id: ann.entity }]);
  });
});

describe("what was left", () => {
  it("does not grow in the keys of somebody who is put into rooms and leaves them", async () => {
    const [mallory, ann] = await Promise.all([outsider(open, somebody("mallory")), outsider(open, somebody("ann"))]);
    const left = Array.from({ length: 255 }, (_, i) => [`x-${i}`, -i - 1]).flat();
    await redis("HSET", keys.threads(ann.entity), ...left);
    const { id } = asThread(await room(mallory, [ann.entity]));
    expect(await redis("HLEN", keys.threads(ann.entity))).toBe(65);
    expect(await redis("HEXISTS", keys.threads(ann.entity), "x-254")).toBe(1);
    expect(part(await ann.call("GET", "threads"), "threads")).toMatchObject([{ id }]);
  });

  it("is full at 5,000 threads, and has room again when some are left", async () => {
    const ann = await outsider(open, somebody("ann"));
    const many = Array.from({ length: 5_000 }, (_, i) => [`x-${i}`, 1]).flat();
    await redis("HSET", keys.threads(ann.entity), ...many);
    expect(await room(ann, [])).toMatchObject(problem(403, "forbidden"));
    await redis("HSET", keys.threads(ann.entity), ...Array.from({ length: 100 }, (_, i) => [`x-${i}`, -1]).flat());
    expect((await room(ann, [])).status).toBe(201);
  });
});

describe("a guest", () => {
  it("sees the description of a member only once that member has shown themselves", async () => {
    const guest = await outsider(open, somebody("guest"), GUEST);
    const ann = await outsider(open, somebody("ann"), { picture: "https://a.example/ann.png", actor: { mail: "a@b" } });
    const { id } = asThread(await guest.call("POST", "threads", { kind: "direct", members: [ann.entity] }));
    const seen = async () => [
      ...(await guest.thread(id)).members.filter((it) => it.entity === ann.entity).map((it) => it.actor?.id),
      part(await guest.call("GET", `actors?ids=${encodeURIComponent(ann.entity)}`), "actors", "0", "id"),
      JSON.stringify((await guest.call("POST", "start-session", { user: ann.entity })).json).includes("a@b"),
    ];
    expect(await seen()).toEqual([undefined, undefined, false]);
    await ann.say({ thread: id, text: "Hi" });
    expect(await seen()).toEqual([ann.entity, ann.entity, true]);
  });

  it("is not what a user of the host is, who sees whoever shares a thread", async () => {
    const [ann, ben] = await Promise.all([outsider(open, somebody("ann")), outsider(open, somebody("ben"))]);
    const { members } = asThread(await ann.call("POST", "threads", { kind: "direct", members: [ben.entity] }));
    expect(members.map((it) => it.actor?.id)).toEqual([ann.entity, ben.entity]);
  });
});
