import { randomUUID } from "node:crypto";
import * as v from "valibot";
import { afterAll, describe, expect, inject, it, vi } from "vitest";
import { createKeys } from "../../lib/store/keys.js";
import { inProcess } from "../support/in-process.js";
import { asPage, asThread, messages, type Outsider, outsider, part, somebody } from "../support/outsider.js";
import { service } from "../support/service.js";
import { type Reply, session } from "../support/site.js";

// A right is taken away on one instance while it is used on another. Whichever comes first: what the answers say is what everybody sees, and
// nothing is done by a right after the event that took it away.

// CI looks at each change; what is rare is found by hand.
const ROUNDS = process.env.CI === "true" ? 3 : 20;
// Each round makes its own people and room.
vi.setConfig({ testTimeout: 60_000 });
const [here, there] = [inProcess(), inProcess()];
afterAll(() => Promise.all([here.stop(), there.stop()]));
const keys = createKeys(process.env.CHAT_PREFIX ?? "");

/** Runs so many rounds, and checks that each had one of these results. */
async function rounds(play: () => Promise<unknown>, ...results: unknown[]): Promise<void> {
  for (let i = 0; i < ROUNDS; i++) expect(results).toContainEqual(await play());
}

const statuses = (replies: readonly Reply[]) => replies.map(({ status }) => status);
const alter = (by: Outsider, id: string, request: object) => by.call("PATCH", `threads/${id}`, request);
const stanza = (type: string, payload: unknown) => ({ type, [type]: payload });

/** A room in which ann and cid are here and ben is there, with a message of each. */
async function room(owners: readonly string[] = []) {
  const [ann, cid] = [await outsider(here, somebody("ann")), await outsider(here, somebody("cid"))];
  const ben = await outsider(there, somebody("ben"));
  const { id } = asThread(await ann.call("POST", "threads", { kind: "room", members: [ben.entity, cid.entity] }));
  if (owners.includes("ben")) await alter(ann, id, { role: { entity: ben.entity, role: "owner" } });
  const say = async (who: Outsider) => (await who.say({ thread: id, text: `of ${who.entity}` })).id;
  const said = { ann: await say(ann), ben: await say(ben), cid: await say(cid) };
  const history = async () => asPage(await ann.call("GET", `threads/${id}/messages`)).messages;
  return { ann, ben, cid, id, said, history };
}

const Told = v.looseObject({ type: v.string(), thread: v.exactOptional(v.looseObject({ action: v.string() })) });

/** What ann was told, in the order of the log, by type and, of a thread, by action. */
async function told(ann: Outsider): Promise<string[]> {
  return (await ann.news()).map((it) => v.parse(Told, it)).map(({ type, thread }) => thread?.action ?? type);
}

describe("a moderator is demoted while retracting another's message", () => {
  it("and does so before that, or not at all", async () => {
    await rounds(
      async () => {
        const { ann, ben, id, said, history } = await room(["ben"]);
        const retract = (of: string) => ben.send(stanza("retract", { thread: id, id: of }));
        const [demoted, done] = await Promise.all([
          alter(ann, id, { role: { entity: ben.entity, role: "member" } }),
          retract(said.cid),
        ]);
        expect((await retract(said.ann)).status).toBe(403);
        const isGone = (await history()).find((it) => it.id === said.cid)?.retracted !== undefined;
        const order = (await told(ann)).filter((it) => it === "role" || it === "retract");
        return [...statuses([demoted, done]), isGone, order.slice(1).join()];
      },
      [200, 200, true, "retract,role"],
      [200, 403, false, "role"],
    );
  });
});

describe("a member is banned, or removed, while sending", () => {
  const STANZAS: Readonly<Record<string, (id: string, own: string, other: string) => unknown>> = {
    message: (thread) => ({ thread, text: "late" }),
    edit: (thread, id) => ({ thread, id, text: "late" }),
    retract: (thread, id) => ({ thread, id }),
    reaction: (thread, _, id) => ({ thread, id, emoji: "👍" }),
    receipt: (thread) => ({ thread, seq: 3 }),
    state: (thread) => ({ thread, state: "composing" }),
    setting: (thread) => ({ thread, muted: true }),
    report: (thread, _, id) => ({ thread, id }),
  };

  it.each(Object.keys(STANZAS).flatMap((type) => [["ban", type] as const, ["remove", type] as const]))(
    "%s, and a stanza %s: it comes before that, or is refused",
    async (how, type) => {
      for (let i = 0; i < ROUNDS; i++) {
        const { ann, ben, id, said, history } = await room();
        const send = () => ben.send(stanza(type, STANZAS[type]?.(id, said.ben, said.cid)));
        const before = JSON.stringify(await history());
        const [gone, sent] = await Promise.all([alter(ann, id, { [how]: [ben.entity] }), send()]);
        expect(gone.status).toBe(200);
        expect([200, 404]).toContain(sent.status);
        expect([403, 404]).toContain((await send()).status);
        const order = await told(ann);
        const end = order.indexOf("removed");
        expect(end).toBeGreaterThan(0);
        expect(order.slice(end + 1)).toEqual([]);
        const changes = ["message", "edit", "retract", "reaction"].includes(type);
        if (changes) expect(JSON.stringify(await history()) !== before).toBe(sent.status === 200);
        expect((await ben.call("GET", `threads/${id}`)).status).toBe(404);
        expect((await ben.news()).at(-1)).toMatchObject({ type: "thread", thread: { action: "removed" } });
        expect((await ann.thread(id)).memberCount).toBe(2);
      }
    },
  );
});

describe("two owners demote each other", () => {
  it.each([
    ["to members", (it: string) => ({ role: { entity: it, role: "member" } })],
    ["by removing each other", (it: string) => ({ remove: [it] })],
    ["by banning each other", (it: string) => ({ ban: [it] })],
  ])("and one of them stays an owner: %s", async (_, change) => {
    for (let i = 0; i < ROUNDS; i++) {
      const { ann, ben, cid, id } = await room(["ben"]);
      const replies = await Promise.all([alter(ann, id, change(ben.entity)), alter(ben, id, change(ann.entity))]);
      const owners = (await cid.thread(id)).members.filter(({ role }) => role === "owner").map(({ entity }) => entity);
      expect(owners).toEqual([statuses(replies)[0] === 200 ? ann.entity : ben.entity]);
      expect(statuses(replies).filter((it) => it === 200)).toHaveLength(1);
    }
  });

  it("or leave at once: a member inherits the room", async () => {
    for (let i = 0; i < ROUNDS; i++) {
      const { ann, ben, cid, id } = await room(["ben"]);
      await Promise.all([ann, ben].map((it) => alter(it, id, { remove: [it.entity] })));
      expect((await cid.thread(id)).members).toMatchObject([{ entity: cid.entity, role: "owner" }]);
    }
  });
});

describe("a chat token is revoked while it sends", () => {
  it.each(["this one", "all of the user"])("and is good for nothing after that: %s", async (which) => {
    for (let i = 0; i < ROUNDS; i++) {
      const { ann, ben, id } = await room();
      const entity = ben.entity;
      const headers = { authorization: `Bearer ${await session(entity)}` };
      const path = which === "this one" ? `token/${ben.token}` : "token";
      const message = { id: randomUUID(), thread: id, text: "late" };
      const [revoked, sent] = await Promise.all([
        here.call("DELETE", path, which === "this one" ? {} : { headers }),
        ben.send(stanza("message", message)),
      ]);
      expect(revoked.status).toBe(204);
      expect([200, 401, 404]).toContain(sent.status);
      const isThere = messages(await ann.news()).some((it) => it.id === message.id);
      expect(isThere).toBe(sent.status === 200);
      for (const place of [here, there]) {
        await expect.poll(async () => (await place.call("POST", `send/${ben.token}`, { body: {} })).status).toBe(404);
      }
    }
  });
});

// The keys of the store are listed through the bridge, which the embedded Redis has as well.
async function keysOf(thread: string): Promise<unknown> {
  const { url, token } = inject("bridge") ?? { url: "", token: "" };
  const body = JSON.stringify(["KEYS", `${keys.thread(thread)}*`]);
  const response = await fetch(url, { method: "POST", headers: { authorization: `Bearer ${token}` }, body });
  return v.parse(v.object({ result: v.unknown() }), await response.json()).result;
}

describe("a thread is deleted while somebody writes", () => {
  const WRITES: Readonly<Record<string, (ben: Outsider, id: string, other: string) => Promise<Reply>>> = {
    "a message": (ben, thread) => ben.send(stanza("message", { thread, text: "late" })),
    "a reaction": (ben, thread, id) => ben.send(stanza("reaction", { thread, id, emoji: "👍" })),
    "a receipt": (ben, thread) => ben.send(stanza("receipt", { thread, seq: 3 })),
    "a setting": (ben, thread) => ben.send(stanza("setting", { thread, muted: true })),
    "an invite": (ben, thread) => ben.call("POST", `threads/${thread}/invites`, {}),
    "a member": (ben, thread) => alter(ben, thread, { add: [somebody("dan")] }),
    leaving: (ben, thread) => alter(ben, thread, { remove: [ben.entity] }),
  };

  it.each(Object.entries(WRITES))("and nothing of it remains: %s", async (_, write) => {
    const ask = await service(here);
    for (let i = 0; i < ROUNDS; i++) {
      const { ann, ben, id, said } = await room();
      const [gone, written] = await Promise.all([ask("DELETE", `threads/${id}`), write(ben, id, said.cid)]);
      expect(gone.status).toBe(204);
      expect([200, 201, 204, 404]).toContain(written.status);
      expect((await write(ben, id, said.cid)).status).toBe(404);
      for (const who of [ann, ben]) expect((await who.call("GET", `threads/${id}`)).status).toBe(404);
      expect(part(await ann.call("GET", "threads"), "threads")).toEqual([]);
      expect(await keysOf(id)).toEqual([]);
      expect((await told(ann)).at(-1)).toBe("removed");
    }
  });

  it("of two people: it begins anew, or the message is gone with the old one", async () => {
    const ask = await service(here);
    for (let i = 0; i < ROUNDS; i++) {
      const [ann, ben] = [await outsider(here, somebody("ann")), await outsider(there, somebody("ben"))];
      const { thread } = await ben.say({ to: [ann.entity], text: "old" });
      const [gone, sent] = await Promise.all([
        ask("DELETE", `threads/${thread}`),
        ben.send(stanza("message", { to: [ann.entity], text: "late" })),
      ]);
      expect(statuses([gone, sent])).toEqual([204, 200]);
      const isNew = part(sent, "results", "0", "thread") !== thread;
      expect(part(sent, "results", "0", "seq")).toBe(isNew ? 1 : 2);
      expect(part(await ann.call("GET", "threads"), "threads")).toHaveLength(isNew ? 1 : 0);
      expect(await keysOf(thread)).toEqual([]);
      expect((await ben.say({ to: [ann.entity], text: "new" })).seq).toBe(isNew ? 2 : 1);
    }
  });
});

describe("a message is reported while it is retracted or corrected", () => {
  it.each(["retract", "edit"])("and the report has the whole message, as it was, or there is none: %s", async (how) => {
    const headers = { authorization: `Bearer ${await session("mod", { role: "moderator" })}` };
    for (let i = 0; i < ROUNDS; i++) {
      const { ben, cid, id, said } = await room();
      const [changed, reported] = await Promise.all([
        cid.send(stanza(how, { thread: id, id: said.cid, ...(how === "edit" ? { text: "kind" } : {}) })),
        ben.send(stanza("report", { thread: id, id: said.cid })),
      ]);
      expect(changed.status).toBe(200);
      expect(how === "edit" ? [200] : [200, 404]).toContain(reported.status);
      const listed = await allReports(headers);
      const mine = listed.filter((it) => it.message.id === said.cid);
      expect(mine).toHaveLength(reported.status === 200 ? 1 : 0);
      for (const { message } of mine)
        expect(how === "edit" ? [`of ${cid.entity}`, "kind"] : [`of ${cid.entity}`]).toContain(message.text);
      for (const it of mine) await here.call("DELETE", `reports/${it.id}`, { headers });
    }
  });
});

const Reports = v.looseObject({
  reports: v.array(v.looseObject({ id: v.string(), message: v.looseObject({ id: v.string(), text: v.string() }) })),
  more: v.exactOptional(v.literal(true)),
});

async function allReports(headers: Record<string, string>) {
  const all: v.InferOutput<typeof Reports>["reports"] = [];
  for (let query = ""; ; ) {
    const page = v.parse(Reports, (await here.call("GET", `reports${query}`, { headers })).json);
    all.push(...page.reports);
    if (page.more === undefined) return all;
    query = `?after=${page.reports.at(-1)?.id}`;
  }
}
