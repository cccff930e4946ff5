import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { asThread, type Outsider, outsider, somebody } from "../support/outsider.js";
import { session } from "../support/site.js";

// PROFILE §5 and §6: what is forbidden says why.

const server = inProcess();
let ann: Outsider;
let ben: Outsider;
let cid: Outsider;
let room: string;
let direct: string;
let code: string;
let said: string;
beforeAll(async () => {
  ann = await outsider(server, somebody("ann"));
  ben = await outsider(server, somebody("ben"));
  cid = await outsider(server, somebody("cid"));
  room = asThread(await ann.call("POST", "threads", { kind: "room", members: [ben.entity] })).id;
  direct = asThread(await ann.call("POST", "threads", { kind: "direct", members: [ben.entity] })).id;
  const { json } = await ann.call("POST", `threads/${room}/invites`, {});
  code = v.parse(v.object({ code: v.string() }), json).code;
  said = (await ann.say({ thread: room, text: "Hello" })).id;
  await ann.call("PATCH", `threads/${room}`, { ban: [cid.entity] });
});
afterAll(() => server.stop());

const forbidden = (detail: string) => ({
  status: 403,
  json: { code: "forbidden", detail: expect.stringContaining(detail) },
});
const change = (who: Outsider, thread: string, body: object) => who.call("PATCH", `threads/${thread}`, body);

describe("a change of a room", () => {
  it("without the right names who has it", async () => {
    expect(await change(ben, room, { subject: "Mine" })).toMatchObject(forbidden("Owners change a room"));
  });

  it("names the ban, the missing member or the last owner", async () => {
    expect(await change(ann, room, { add: [cid.entity] })).toMatchObject(forbidden("is banned from the room"));
    const role = (entity: string, name: string) => ({ role: { entity, role: name } });
    expect(await change(ann, room, role(somebody("dan"), "owner"))).toMatchObject(forbidden("is not a member"));
    const leaving = { ...role(ben.entity, "owner"), remove: [ben.entity] };
    expect(await change(ann, room, leaving)).toMatchObject(forbidden("is not a member"));
    expect(await change(ann, room, role(ann.entity, "member"))).toMatchObject(forbidden("no owner"));
    expect(await change(ann, direct, { subject: "New" })).toMatchObject(forbidden("A direct thread never changes"));
  });
});

describe("an invite", () => {
  it("names who invites, revokes, and is banned", async () => {
    expect(await ann.call("POST", `threads/${direct}/invites`, {})).toMatchObject(forbidden("Only owners and members"));
    expect(await ann.call("GET", `threads/${direct}/invites`)).toMatchObject(forbidden("Only owners and members"));
    expect(await cid.call("POST", "threads/join", { code })).toMatchObject(forbidden("banned from this room"));
    expect(await cid.call("GET", `invites/${code}`)).toMatchObject(forbidden("banned from this room"));
  });
});

describe("what is done to a message, and by moderators", () => {
  it("names who may do it", async () => {
    const edit = { type: "edit", edit: { thread: room, id: said, text: "Bye" } };
    expect(await ben.send(edit)).toMatchObject(forbidden("Only its sender"));
    const retract = { type: "retract", retract: { thread: room, id: said } };
    expect(await ben.send(retract)).toMatchObject(forbidden("an owner may retract it"));
    const authorization = `Bearer ${await session(ben.entity)}`;
    expect(await server.call("GET", "reports", { headers: { authorization } })).toMatchObject(forbidden("moderator"));
    await change(ann, room, { role: { entity: ben.entity, role: "visitor" } });
    const state = { type: "state", state: { thread: room, state: "composing" } };
    expect(await ben.send(state)).toMatchObject(forbidden("Visitors read"));
  });
});
