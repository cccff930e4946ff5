import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it, vi } from "vitest";
import { edit, retract } from "../../lib/chat/edit.js";
import * as thread from "../../lib/chat/thread.js";
import { change } from "../../lib/chat/thread-admin.js";
import { chat } from "../support/chat.js";
import { inProcess } from "../support/in-process.js";
import { asThread, type Outsider, outsider, part, somebody } from "../support/outsider.js";
import { Person } from "../support/person.js";
import { service } from "../support/service.js";

// A right ends when it is taken away, and nobody gains one by going through another door.

const server = inProcess();
afterAll(() => server.stop());

const problem = (status: number, code: string) => ({ status, json: { status, code } });

async function club() {
  const [ann, ben, cid] = await Promise.all(["ann", "ben", "cid"].map((it) => outsider(server, somebody(it))));
  if (ann === undefined || ben === undefined || cid === undefined) throw new Error("Nobody is there");
  const { id } = asThread(await ann.call("POST", "threads", { kind: "room", members: [ben.entity] }));
  const invite = async (by: Outsider) => part(await by.call("POST", `threads/${id}/invites`), "code");
  const join = (who: Outsider, code: unknown) => who.call("POST", "threads/join", { code });
  const alter = (by: Outsider, request: object) => by.call("PATCH", `threads/${id}`, request);
  return { ann, ben, cid, id, invite, join, alter };
}

describe("an invite", () => {
  it.each(["ban", "remove", "leave", "visitor"])("ends with the right of its maker: %s", async (how) => {
    const { ann, ben, cid, invite, join, alter } = await club();
    const code = await invite(ben);
    if (how === "leave") await alter(ben, { remove: [ben.entity] });
    else if (how === "visitor") await alter(ann, { role: { entity: ben.entity, role: "visitor" } });
    else await alter(ann, { [how]: [ben.entity] });
    expect(await join(cid, code)).toMatchObject(problem(404, "not_found"));
    if (how === "ban") await alter(ann, { unban: [ben.entity] });
    if (how === "visitor") await alter(ann, { role: { entity: ben.entity, role: "member" } });
    else await alter(ann, { add: [ben.entity] });
    expect(await join(cid, code)).toMatchObject(problem(404, "not_found"));
  });

  it("does not hold while its maker is banned from the deployment", async () => {
    const { ben, cid, invite, join } = await club();
    const code = await invite(ben);
    const host = await service(server);
    await host("POST", "bans", { entity: ben.entity });
    expect(await cid.call("GET", `invites/${code}`)).toMatchObject(problem(404, "not_found"));
    expect(await join(cid, code)).toMatchObject(problem(404, "not_found"));
    await host("DELETE", `bans?entity=${encodeURIComponent(ben.entity)}`);
    expect((await cid.call("GET", `invites/${code}`)).status).toBe(200);
    expect((await join(cid, code)).status).toBe(200);
  });

  it("is listed to its maker and to owners, and revoked by them alone", async () => {
    const { ann, ben, cid, id, invite, join, alter } = await club();
    const [own, other] = [await invite(ann), await invite(ben)];
    const list = async (who: Outsider) => part(await who.call("GET", `threads/${id}/invites`), "invites");
    expect(await list(ann)).toMatchObject([{ by: ann.entity }, { by: ben.entity }]);
    const listed = await list(ben);
    expect(listed).toMatchObject([{ id: expect.stringMatching(/^[\w-]{43}$/), by: ben.entity }]);
    expect(JSON.stringify(listed)).not.toContain(other);
    const mine = part(await ben.call("GET", `threads/${id}/invites`), "invites", "0", "id");
    const first = part(await ann.call("GET", `threads/${id}/invites`), "invites", "0", "id");
    expect(await ben.call("DELETE", `threads/${id}/invites/${first}`)).toMatchObject(problem(403, "forbidden"));
    expect(await cid.call("DELETE", `threads/${id}/invites/${first}`)).toMatchObject(problem(404, "thread_not_found"));
    expect((await ben.call("DELETE", `threads/${id}/invites/${mine}`)).status).toBe(204);
    expect(await join(cid, other)).toMatchObject(problem(404, "not_found"));
    expect((await join(cid, own)).status).toBe(200);
    await alter(ann, { role: { entity: cid.entity, role: "visitor" } });
    expect(await cid.call("GET", `threads/${id}/invites`)).toMatchObject(problem(403, "forbidden"));
    expect((await ann.call("DELETE", `threads/${id}/invites/${first}`)).status).toBe(204);
    expect(await ann.call("DELETE", `threads/${id}/invites/${first}`)).toMatchObject(problem(404, "not_found"));
  });

  it("is read without joining, by whoever could join, and tells of its maker only the name", async () => {
    const { ann, ben, cid, id, invite, join, alter } = await club();
    const dan = await outsider(server, somebody("dan"), { name: "Dan", actor: { mail: "dan@example.org" } });
    await alter(ann, { subject: "Tea", add: [dan.entity] });
    const code = await invite(dan);
    const read = (who: Outsider) => who.call("GET", `invites/${code}`);
    const by = { id: dan.entity, displayName: "Dan" };
    const preview = { thread: id, subject: "Tea", by, memberCount: 3, member: false };
    expect((await read(cid)).json).toEqual(preview);
    expect((await ben.thread(id)).memberCount).toBe(3);
    expect((await cid.news()).map((it) => it.type)).toEqual([]);
    expect((await read(ben)).json).toEqual({ ...preview, member: true });
    await join(cid, code);
    expect((await read(cid)).json).toEqual({ ...preview, memberCount: 4, member: true });
    await alter(ann, { ban: [cid.entity] });
    expect(await read(cid)).toMatchObject(problem(403, "forbidden"));
    await alter(ann, { role: { entity: dan.entity, role: "visitor" } });
    for (const who of [ann, cid]) expect(await read(who)).toMatchObject(problem(404, "not_found"));
    for (const none of ["a%3Ab", "x".repeat(22), "..", "invites"])
      expect(await ann.call("GET", `invites/${none}`)).toMatchObject(problem(404, "not_found"));
    expect((await server.call("GET", `invites/${code}`)).status).toBe(401);
  });

  it("shows a user who blocks whoever has added them, and does not see the room, as no member", async () => {
    const { ann, cid, invite, alter } = await club();
    await cid.send({ type: "block", block: { entity: ann.entity } });
    await alter(ann, { add: [cid.entity] });
    expect(part(await cid.call("GET", `invites/${await invite(ann)}`), "member")).toBe(false);
  });

  it("is one of at most 100 that live", async () => {
    const { ann, id } = await club();
    for (let i = 0; i < 100; i++) expect((await ann.call("POST", `threads/${id}/invites`)).status).toBe(201);
    expect(await ann.call("POST", `threads/${id}/invites`)).toMatchObject(problem(403, "forbidden"));
  });
});

describe("a room whose last owner leaves", () => {
  it("is inherited by a member, never by a visitor, however long the visitor has been there", async () => {
    const { ann, ben, cid, id, alter } = await club();
    await alter(ann, { role: { entity: ben.entity, role: "visitor" } });
    await alter(ann, { add: [cid.entity] });
    await alter(ann, { remove: [ann.entity] });
    const { members } = await ben.thread(id);
    expect(members.map(({ entity, role }) => [entity, role])).toEqual([
      [ben.entity, "visitor"],
      [cid.entity, "owner"],
    ]);
    await alter(cid, { remove: [cid.entity] });
    expect((await ben.thread(id)).members).toMatchObject([{ role: "visitor" }]);
    expect(await alter(ben, { ban: [cid.entity] })).toMatchObject(problem(403, "forbidden"));
  });
});

describe("somebody who is banned from the deployment", () => {
  it("inherits no room", async () => {
    const { ann, ben, cid, id, invite, join, alter } = await club();
    await join(cid, await invite(ann));
    await (await service(server))("POST", "bans", { entity: ben.entity });
    await alter(ann, { remove: [ann.entity] });
    expect((await cid.thread(id)).members).toMatchObject([
      { entity: ben.entity, role: "member" },
      { entity: cid.entity, role: "owner" },
    ]);
  });
});

describe("a visitor who leaves, or is removed or banned", () => {
  it.each(["leaves", "removed", "banned"])(
    "comes back without a voice, by an invite or by a member: %s",
    async (how) => {
      const { ann, ben, cid, id, invite, join, alter } = await club();
      const code = await invite(ann);
      await alter(ann, { add: [cid.entity], role: { entity: ben.entity, role: "visitor" } });
      const go = async () => {
        await alter(how === "leaves" ? ben : ann, { [how === "banned" ? "ban" : "remove"]: [ben.entity] });
        if (how === "banned") await alter(ann, { unban: [ben.entity] });
      };
      const roleOf = async () => (await ann.thread(id)).members.find((it) => it.entity === ben.entity)?.role;
      const speak = () => ben.send({ type: "message", message: { thread: id, text: "Hi" } });
      const said = { type: "thread", thread: { action: "role", entities: [ben.entity], role: "visitor" } };
      await go();
      for (const back of [() => join(ben, code), () => alter(cid, { add: [ben.entity] })]) {
        expect((await back()).status).toBe(200);
        expect(await roleOf()).toBe("visitor");
        expect(await speak()).toMatchObject(problem(403, "cannot_send"));
        for (const who of [ben, cid]) expect((await who.news()).at(-1)).toMatchObject(said);
        await go();
      }
      await alter(ann, { add: [ben.entity] });
      expect((await speak()).status).toBe(200);
      await go();
      await join(ben, code);
      expect(await roleOf()).toBe("member");
    },
  );
});

describe("a role that a replica still shows", () => {
  it("is proved by the script that edits or retracts", async () => {
    const [ann, ben] = [new Person(chat), new Person(chat)];
    const now = Date.now();
    const room = await thread.room(chat, ann.caller, { members: [ben.id] }, now);
    const [own, other] = [randomUUID(), randomUUID()];
    await ben.send("message", { id: own, thread: room, text: "Mine" });
    await ann.send("message", { id: other, thread: room, text: "Hers" });
    await change(chat, ann.caller, room, { role: { entity: ben.id, role: "owner" } }, now);
    // A replica that lags: it answers with the role that Ben had.
    const shown = (role: string) =>
      vi.spyOn(chat.store, "readAnywhere").mockImplementation(async (reply, add) => {
        const answer: unknown = await chat.store.transact(reply, add);
        return JSON.parse(JSON.stringify(answer).replace(/"(owner|member|visitor)"/, JSON.stringify(role)));
      });
    await change(chat, ann.caller, room, { role: { entity: ben.id, role: "visitor" } }, now);
    const refused = expect.objectContaining({ code: "forbidden" });
    shown("owner");
    await expect(retract(chat, ben.caller, { thread: room, id: other }, now)).rejects.toEqual(refused);
    shown("member");
    await expect(retract(chat, ben.caller, { thread: room, id: own }, now)).rejects.toEqual(refused);
    const changes = { text: "x" };
    await expect(edit(chat, ben.caller, { thread: room, id: own, changes }, now)).rejects.toEqual(refused);
    await change(chat, ann.caller, room, { role: { entity: ben.id, role: "owner" } }, now);
    shown("visitor");
    await retract(chat, ben.caller, { thread: room, id: other }, now);
    vi.restoreAllMocks();
  });
});
