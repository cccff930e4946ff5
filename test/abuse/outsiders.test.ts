import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { asThread, type Outsider, outsider, part, somebody } from "../support/outsider.js";
import type { Reply } from "../support/site.js";

// Every stanza and every endpoint of a thread, as each of those who have no right to it.

const server = inProcess({ rateSend: 10_000, rateStream: 10_000 });
afterAll(() => server.stop());

const STANDINGS = ["never a member", "removed", "banned", "visitor", "demoted owner"] as const;
type Standing = (typeof STANDINGS)[number];
type Scene = { it: Outsider; own: string; other: string; id: string; invite: string };

async function scene(standing: Standing): Promise<Scene> {
  const [ann, ben] = await Promise.all([outsider(server, somebody("ann")), outsider(server, somebody("ben"))]);
  const { id } = asThread(await ann.call("POST", "threads", { kind: "room", members: [] }));
  const alter = (change: object) => ann.call("PATCH", `threads/${id}`, change);
  const [own, other] = [randomUUID(), randomUUID()];
  await ann.say({ thread: id, id: other, text: "Hers" });
  const invite = `${part(await ann.call("POST", `threads/${id}/invites`), "id")}`;
  if (standing !== "never a member") {
    await alter({ add: [ben.entity] });
    await ben.say({ thread: id, id: own, text: "His" });
  }
  const role = (name: string) => alter({ role: { entity: ben.entity, role: name } });
  if (standing === "removed") await alter({ remove: [ben.entity] });
  if (standing === "banned") await alter({ ban: [ben.entity] });
  if (standing === "visitor") await role("visitor");
  if (standing === "demoted owner") for (const name of ["owner", "member"]) await role(name);
  return { it: ben, own, other, id, invite };
}

const send = ({ it }: Scene, type: string, payload: object) => it.send({ type, [type]: payload });
const alter = ({ it, id }: Scene, change: object) => it.call("PATCH", `threads/${id}`, change);

// What each may do at most: all members, members with a voice, or owners.
const ACTIONS: Readonly<Record<string, ["read" | "speak" | "own", (scene: Scene) => Promise<Reply>]>> = {
  "the thread": ["read", ({ it, id }) => it.call("GET", `threads/${id}`)],
  "its history": ["read", ({ it, id }) => it.call("GET", `threads/${id}/messages`)],
  receipt: ["read", (s) => send(s, "receipt", { thread: s.id, seq: 1 })],
  setting: ["read", (s) => send(s, "setting", { thread: s.id, muted: true })],
  "message by id": ["speak", (s) => send(s, "message", { thread: s.id, text: "x" })],
  "send-message": ["speak", ({ it, id }) => it.call("POST", "send-message", { thread_id: id, message: "x" })],
  reaction: ["speak", (s) => send(s, "reaction", { thread: s.id, id: s.other, emoji: "👍" })],
  state: ["speak", (s) => send(s, "state", { thread: s.id, state: "composing" })],
  "edit of one's own": ["speak", (s) => send(s, "edit", { thread: s.id, id: s.own, text: "y" })],
  "retract of one's own": ["speak", (s) => send(s, "retract", { thread: s.id, id: s.own })],
  add: ["speak", (s) => alter(s, { add: [somebody()] })],
  "an invite": ["speak", ({ it, id }) => it.call("POST", `threads/${id}/invites`)],
  "the list of invites": ["speak", ({ it, id }) => it.call("GET", `threads/${id}/invites`)],
  "retract of another's": ["own", (s) => send(s, "retract", { thread: s.id, id: s.other })],
  "another's invite": ["own", ({ it, id, invite }) => it.call("DELETE", `threads/${id}/invites/${invite}`)],
  subject: ["own", (s) => alter(s, { subject: "x" })],
  "subject as a stanza": ["own", (s) => send(s, "thread", { id: s.id, subject: "x" })],
  history: ["own", (s) => alter(s, { history: "joined" })],
  role: ["own", (s) => alter(s, { role: { entity: s.it.entity, role: "owner" } })],
  remove: ["own", (s) => alter(s, { remove: [somebody()] })],
  ban: ["own", (s) => alter(s, { ban: [somebody()] })],
  unban: ["own", (s) => alter(s, { unban: [s.it.entity] })],
  "add with a ban": ["own", (s) => alter(s, { add: [somebody()], ban: [somebody()] })],
};

const RIGHTS: Readonly<Record<Standing, readonly string[]>> = {
  "never a member": [],
  removed: [],
  banned: [],
  visitor: ["read"],
  "demoted owner": ["read", "speak"],
};

describe.each(STANDINGS)("who is %s", (standing) => {
  let here: Scene;
  beforeAll(async () => {
    here = await scene(standing);
  });

  it.each(Object.entries(ACTIONS))("has no more than their right: %s", async (_, [right, run]) => {
    const reply = await run(here);
    const { status } = reply;
    if (RIGHTS[standing].includes(right)) expect(status).toBeLessThan(300);
    else if (RIGHTS[standing].length > 0)
      expect([status, part(reply, "code")]).toEqual([403, expect.stringMatching(/^(forbidden|cannot_send)$/)]);
    else expect([status, part(reply, "code")]).toEqual([404, "thread_not_found"]);
  });
});

describe("in the same moment", () => {
  it("two owners who demote each other leave one", async () => {
    for (let i = 0; i < 10; i++) {
      const [ann, ben] = await Promise.all([outsider(server, somebody()), outsider(server, somebody())]);
      const { id } = asThread(await ann.call("POST", "threads", { kind: "room", members: [ben.entity] }));
      const demote = (by: Outsider, entity: string, role: string) =>
        by.call("PATCH", `threads/${id}`, { role: { entity, role } });
      await demote(ann, ben.entity, "owner");
      const replies = await Promise.all([demote(ann, ben.entity, "visitor"), demote(ben, ann.entity, "visitor")]);
      expect(replies.map(({ status }) => status).sort()).toEqual([200, 403]);
      expect((await ann.thread(id)).members.filter(({ role }) => role === "owner")).toHaveLength(1);
    }
  });

  it("whoever joins while the last owner leaves finds an owner, or no room", async () => {
    for (let i = 0; i < 10; i++) {
      const [ann, ben] = await Promise.all([outsider(server, somebody()), outsider(server, somebody())]);
      const { id } = asThread(await ann.call("POST", "threads", { kind: "room", members: [] }));
      const code = part(await ann.call("POST", `threads/${id}/invites`), "code");
      const [joined] = await Promise.all([
        ben.call("POST", "threads/join", { code }),
        ann.call("PATCH", `threads/${id}`, { remove: [ann.entity] }),
      ]);
      if (joined.status !== 200) expect(joined).toMatchObject({ status: 404 });
      else expect((await ben.thread(id)).members).toMatchObject([{ entity: ben.entity, role: "owner" }]);
    }
  });

  it("what is sent beside a ban comes before it, or is refused", async () => {
    for (let i = 0; i < 10; i++) {
      const [ann, ben] = await Promise.all([outsider(server, somebody()), outsider(server, somebody())]);
      const { id } = asThread(await ann.call("POST", "threads", { kind: "room", members: [ben.entity] }));
      const [sent] = await Promise.all([
        ben.send({ type: "message", message: { thread: id, text: "late" } }),
        ann.call("PATCH", `threads/${id}`, { ban: [ben.entity] }),
      ]);
      const heard = (await ann.news()).map((it) => JSON.stringify(it));
      const place = (what: RegExp) => heard.findIndex((it) => what.test(it));
      const said = place(/"text":"late"/);
      expect(said).toBeLessThan(place(/"removed"/));
      expect(said >= 0).toBe(sent.status === 200);
    }
  });
});
