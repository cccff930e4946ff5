import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { asThread, type Outsider, outsider, part, somebody } from "../support/outsider.js";
import { service } from "../support/service.js";

// PROFILE §6: the members of a thread, in pages.

const server = inProcess({ guests: true });
afterAll(() => server.stop());

let ann: Outsider;
let ben: Outsider;
beforeEach(async () => {
  ann = await outsider(server, somebody("ann"));
  ben = await outsider(server, somebody("ben"));
});

const problem = (status: number, code: string) => ({ status, json: { status, code } });
const read = (who: Outsider, thread: string, query = "") => who.call("GET", `threads/${thread}/members${query}`);
const room = async (...members: string[]) => asThread(await ann.call("POST", "threads", { kind: "room", members })).id;
const many = (count: number) => Array.from({ length: count }, () => somebody("dan"));

/** Reads the members page by page; `between` happens after each. */
async function all(who: Outsider, thread: string, limit: number, between = async (_page: number) => {}) {
  const entities: unknown[] = [];
  for (let query = `?limit=${limit}`, page = 1; ; page++) {
    const reply = await read(who, thread, query);
    const members = part(reply, "members");
    if (!Array.isArray(members)) throw new Error(`Cannot list members: ${reply.text}`);
    entities.push(...members.map((it) => it.entity));
    expect(part(reply, "more")).toBe(part(reply, "after") === undefined ? undefined : true);
    if (part(reply, "more") === undefined) return entities;
    expect(members).toHaveLength(Math.min(limit, 100));
    query = `?limit=${limit}&after=${part(reply, "after")}`;
    await between(page);
  }
}

describe("GET threads/<id>/members", () => {
  it("lists members with role, read mark and description, and the caller's own membership", async () => {
    const id = await room(ben.entity);
    await ann.say({ thread: id, text: "Hi" });
    const actor = (entity: string) => ({ id: entity, objectType: "person", displayName: entity });
    expect((await read(ben, id)).json).toEqual({
      members: [
        { entity: ann.entity, role: "owner", read: 1, actor: actor(ann.entity) },
        { entity: ben.entity, role: "member", read: 0, actor: actor(ben.entity) },
      ],
      memberCount: 2,
      self: { entity: ben.entity, role: "member", read: 0 },
    });
  });

  it("lists each member once, in the order in which they joined", async () => {
    const others = many(130);
    const id = await room(...others.slice(0, 110));
    await ann.call("PATCH", `threads/${id}`, { add: others.slice(110) });
    expect(await all(ann, id, 100)).toEqual([ann.entity, ...others]);
    expect(await all(ann, id, 7)).toEqual([ann.entity, ...others]);
    expect(await all(ann, id, 131)).toEqual([ann.entity, ...others]);
  });

  it("tells the caller's own role with every page, also of a room of more than 100", async () => {
    const id = await room(...many(120));
    await ann.call("PATCH", `threads/${id}`, { add: [ben.entity], role: { entity: ben.entity, role: "visitor" } });
    expect((await read(ben, id, "?limit=1")).json).toMatchObject({
      members: [{ entity: ann.entity }],
      memberCount: 122,
      self: { entity: ben.entity, role: "visitor" },
    });
  });

  it("goes on from a member who has left meanwhile, and comes to those who have joined", async () => {
    const others = many(6);
    const id = await room(...others);
    const late = somebody("late");
    const found = await all(ann, id, 2, async (page) => {
      if (page === 1) await ann.call("PATCH", `threads/${id}`, { remove: [others[0]], add: [late] });
    });
    expect(found).toEqual([ann.entity, ...others, late]);
  });

  it("describes to a guest only members who have shown themselves", async () => {
    const id = await room(ben.entity);
    const invite = await ann.call("POST", `threads/${id}/invites`, {});
    const guest = await server.call("POST", "token", { body: { displayName: "Gus" } });
    const headers = { authorization: `Bearer ${part(guest, "token")}` };
    await server.call("POST", "threads/join", { body: { code: part(invite, "code") }, headers });
    const { json } = await server.call("GET", `threads/${id}/members`, { headers });
    expect(json).toMatchObject({ members: [{ actor: { id: ann.entity } }, { entity: ben.entity }, {}] });
    expect(part({ ...guest, json }, "members", "1", "actor")).toBeUndefined();
  });

  it("is not found by strangers", async () => {
    const id = await room(ben.entity);
    const cid = await outsider(server, somebody("cid"));
    for (const thread of [id, "no-such-thread"])
      expect(await read(cid, thread)).toMatchObject(problem(404, "thread_not_found"));
    expect(await read(cid, "a%3Ab")).toMatchObject(problem(404, "thread_not_found"));
  });

  it.each(["?after=x", "?after=-1", "?after=(1", "?after=1e9", "?after=", "?limit=0", "?limit=x"])(
    "refuses what is malformed: %s",
    async (query) => {
      expect(await read(ann, await room(), query)).toMatchObject(problem(400, "invalid"));
    },
  );
});

describe("GET server/threads/<id>/members", () => {
  it("lists the members of any thread to the system, and as a member sees them", async () => {
    const host = await service(server);
    const dans = many(3);
    const id = await room(ben.entity, ...dans);
    const first = await host("GET", `threads/${id}/members?limit=2`);
    expect(first).toMatchObject({
      status: 200,
      json: { memberCount: 5, more: true, members: [{ role: "owner" }, {}] },
    });
    expect(part(first, "self")).toBeUndefined();
    const rest = await host("GET", `threads/${id}/members?after=${part(first, "after")}`);
    expect(part(rest, "members")).toMatchObject(dans.map((entity) => ({ entity, role: "member" })));
    const asBen = await host("GET", `threads/${id}/members?as=${ben.entity}&limit=1`);
    expect(asBen.json).toMatchObject({ self: { entity: ben.entity }, members: [{ entity: ann.entity }] });
    expect(await host("GET", `threads/${id}/members?as=${somebody("eve")}`)).toMatchObject(
      problem(404, "thread_not_found"),
    );
    for (const unknown of ["nope", "%00"])
      expect(await host("GET", `threads/${unknown}/members`)).toMatchObject(problem(404, "thread_not_found"));
    expect(await host("GET", `threads/${id}/members?after=x`)).toMatchObject(problem(400, "invalid"));
  });
});
