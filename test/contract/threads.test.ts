import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { inProcess } from "../support/in-process.js";
import { asPage, asThread, asThreads, messages, type Outsider, outsider, somebody } from "../support/outsider.js";
import { session } from "../support/site.js";

// PROFILE §6, sentence by sentence, but for invitations and friends.

const server = inProcess({}, { CHAT_ROOM_MAX: "120", CHAT_HISTORY: "256" });
afterAll(() => server.stop());

let ann: Outsider;
let ben: Outsider;
let cid: Outsider;
beforeEach(async () => {
  ann = await outsider(server, somebody("ann"));
  ben = await outsider(server, somebody("ben"));
  cid = await outsider(server, somebody("cid"));
});

const problem = (status: number, code: string) => ({ status, json: { status, code } });
const roomId = () => somebody("room").replace(",", "-");
const make = (who: Outsider, body: Record<string, unknown>) => who.call("POST", "threads", body);

/** Makes a room of ann's with others in it. */
async function room(...others: Outsider[]): Promise<string> {
  const reply = await make(ann, { kind: "room", members: others.map((it) => it.entity) });
  return asThread(reply).id;
}

const change = (who: Outsider, id: string, body: Record<string, unknown>) => who.call("PATCH", `threads/${id}`, body);
const rolesOf = async (who: Outsider, id: string) =>
  Object.fromEntries((await who.thread(id)).members.map((it) => [it.entity, it.role]));

/** What a stream says of threads after a cursor. */
async function changes(who: Outsider, cursor?: string) {
  return (await who.news(cursor)).filter((it) => it.type === "thread").map((it) => it.thread);
}

/** Where somebody's stream stands now. */
const now = async (who: Outsider) => (await who.poll(`?wait=0&cursor=${who.cursor}`)).cursor;

describe("POST threads", () => {
  it("makes a direct thread, then finds it", async () => {
    const made = await make(ann, { kind: "direct", members: [ben.entity] });
    expect(made.status).toBe(201);
    const found = [
      await make(ann, { kind: "direct", members: [ben.entity] }),
      await make(ann, { kind: "direct", members: [ann.entity, ben.entity, ben.entity] }),
      await make(ben, { kind: "direct", members: [ann.entity] }),
    ];
    for (const it of found)
      expect({ status: it.status, id: asThread(it).id }).toEqual({ status: 200, id: asThread(made).id });
    expect((await ann.say({ to: [ben.entity], text: "Hi" })).thread).toBe(asThread(made).id);
  });

  it("never finds a superset", async () => {
    const all = [[ben, cid], [ben], [cid], []].map((others) =>
      make(ann, { kind: "direct", members: others.map((it) => it.entity) }),
    );
    const made = await Promise.all(all);
    expect(made.map((it) => it.status)).toEqual([201, 201, 201, 201]);
    expect(new Set(made.map((it) => asThread(it).id)).size).toBe(4);
    expect(made.map((it) => asThread(it).memberCount)).toEqual([3, 2, 2, 1]);
  });

  it("makes one direct thread, however many ask at once", async () => {
    const replies = await Promise.all(
      [ann, ben, ann, ben, ann, ben].map((it) => make(it, { kind: "direct", members: [ann.entity, ben.entity] })),
    );
    expect(new Set(replies.map((it) => asThread(it).id)).size).toBe(1);
    expect(replies.filter((it) => it.status === 201)).toHaveLength(1);
  });

  it("makes always a new room, the maker its owner, the others members", async () => {
    const body = { kind: "room", members: [ben.entity, ann.entity], subject: "Tea" };
    const [one, two] = [await make(ann, body), await make(ann, body)];
    expect([one.status, two.status]).toEqual([201, 201]);
    expect(asThread(one).id).not.toBe(asThread(two).id);
    expect(asThread(one)).toEqual({
      id: expect.stringMatching(/^[A-Za-z0-9._~-]{1,64}$/),
      ...{ kind: "room", subject: "Tea", seq: 0, memberCount: 2, unread: 0 },
      created: expect.stringMatching(/Z$/),
      updated: expect.stringMatching(/Z$/),
      members: expect.arrayContaining([
        { entity: ann.entity, role: "owner", read: 0, actor: expect.objectContaining({ id: ann.entity }) },
        { entity: ben.entity, role: "member", read: 0, actor: expect.objectContaining({ displayName: ben.entity }) },
      ]),
    });
  });

  it("takes the id of a room, unless it is taken", async () => {
    const id = roomId();
    expect(asThread(await make(ann, { kind: "room", members: [], id })).id).toBe(id);
    expect(await make(ann, { kind: "room", members: [], id })).toMatchObject(problem(409, "thread_conflict"));
    expect(await make(ben, { kind: "room", members: [], id })).toMatchObject(problem(409, "thread_conflict"));
  });

  it("keeps the subject of a direct thread that it makes", async () => {
    const made = await make(ann, { kind: "direct", members: [ben.entity], subject: "Tea" });
    expect(asThread(made).subject).toBe("Tea");
  });

  it("refuses more members than CHAT_ROOM_MAX", async () => {
    const others = Array.from({ length: 120 }, () => somebody());
    expect(await make(ann, { kind: "room", members: others })).toMatchObject(problem(413, "too_large"));
    expect((await make(ann, { kind: "room", members: others.slice(1) })).status).toBe(201);
  });

  it.each([
    [{}],
    [{ kind: "room" }],
    [{ members: [] }],
    [{ kind: "Room", members: [] }],
    [{ kind: "room", members: "ben" }],
    [{ kind: "room", members: [1] }],
    [{ kind: "room", members: [""] }],
    [{ kind: "room", members: [], subject: 1 }],
    [{ kind: "room", members: [], id: "a/b" }],
    [{ kind: "room", members: [], id: "" }],
    [{ kind: "direct", members: ["ben"], id: "mine" }],
    [{ kind: "room", members: [], id: "x".repeat(65) }],
    [{ kind: "room", members: Array.from({ length: 1_001 }, (_, i) => `m${i}`) }],
  ])("refuses what is malformed: %j", async (body) => {
    expect(await make(ann, body)).toMatchObject({ ...problem(400, "invalid"), json: { issues: expect.any(Array) } });
  });

  it("tells every member", async () => {
    const { id } = asThread(await make(ann, { kind: "room", members: [ben.entity], subject: "Tea" }));
    for (const who of [ann, ben])
      expect(await changes(who)).toMatchObject([
        {
          id,
          action: "created",
          by: ann.entity,
          entity: ann.entity,
          timestamp: expect.stringMatching(/Z$/),
          subject: "Tea",
        },
      ]);
  });
});

describe("a thread", () => {
  it("counts what others wrote after one's own read", async () => {
    const id = await room(ben);
    await ann.say({ thread: id, text: "1" });
    await ann.say({ thread: id, text: "2" });
    expect(await ann.thread(id)).toMatchObject({ seq: 2, unread: 0 });
    expect(await ben.thread(id)).toMatchObject({ seq: 2, unread: 2 });
    await ben.say({ thread: id, text: "3" });
    expect(await ben.thread(id)).toMatchObject({ seq: 3, unread: 0 });
    expect(await ann.thread(id)).toMatchObject({ seq: 3, unread: 1 });
    const reads = Object.fromEntries((await ann.thread(id)).members.map((it) => [it.entity, it.read]));
    expect(reads).toEqual({ [ann.entity]: 2, [ben.entity]: 3 });
  });

  it("says nothing on the stream when sending reads", async () => {
    const id = await room(ben);
    await ann.say({ thread: id, text: "1" });
    await ben.say({ thread: id, text: "2" });
    expect((await ann.news()).map((it) => it.type)).toEqual(["thread", "message", "message"]);
  });

  it("is read up to the joining by a newcomer", async () => {
    const id = await room(ben);
    for (const text of ["1", "2", "3"]) await ann.say({ thread: id, text });
    await change(ann, id, { add: [cid.entity] });
    expect(await cid.thread(id)).toMatchObject({ seq: 3, unread: 0 });
    await ann.say({ thread: id, text: "4" });
    expect(await cid.thread(id)).toMatchObject({ seq: 4, unread: 1 });
  });

  it("shows the newest message last", async () => {
    const id = await room(ben);
    expect(await ann.thread(id)).not.toHaveProperty("last");
    await ann.say({ thread: id, text: "1" });
    await ben.say({ thread: id, text: "2" });
    expect((await ann.thread(id)).last).toMatchObject({ seq: 2, text: "2", sender: { id: ben.entity } });
  });

  it("is updated by what happens in it", async () => {
    const id = await room(ben);
    const { created, updated } = await ann.thread(id);
    expect(updated >= created).toBe(true);
    await sleep(5);
    const { timestamp } = await ann.say({ thread: id, text: "1" });
    expect((await ann.thread(id)).updated).toBe(timestamp);
    expect((await ann.thread(id)).created).toBe(created);
  });

  it("names 100 members at most, and counts them all", async () => {
    const { id } = asThread(await make(ann, { kind: "room", members: Array.from({ length: 105 }, () => somebody()) }));
    const { members, memberCount } = await ann.thread(id);
    expect({ members: members.length, memberCount }).toEqual({ members: 100, memberCount: 106 });
  });

  it("names the caller among the members, however many joined before", async () => {
    const { id } = asThread(await make(ann, { kind: "room", members: Array.from({ length: 105 }, () => somebody()) }));
    await change(ann, id, { add: [ben.entity] });
    for (const role of ["visitor", "owner"]) {
      await change(ann, id, { role: { entity: ben.entity, role } });
      const { seq } = await ann.say({ thread: id, text: role });
      await ben.send({ type: "receipt", receipt: { thread: id, seq } });
      const [listed] = asThreads(await ben.call("GET", "threads"));
      for (const seen of [await ben.thread(id), listed]) {
        expect(seen?.members).toContainEqual(expect.objectContaining({ entity: ben.entity, role, read: seq }));
        expect(new Set(seen?.members.map((it) => it.entity)).size).toBe(100);
        expect(seen?.memberCount).toBe(107);
      }
    }
    expect((await ann.thread(id)).members.map((it) => it.entity)).not.toContain(ben.entity);
  });

  it("is not found by strangers, nor is one that is not there", async () => {
    const id = await room(ben);
    const foreign = await cid.call("GET", `threads/${id}`);
    const unknown = await cid.call("GET", `threads/${roomId()}`);
    expect(foreign).toMatchObject(problem(404, "thread_not_found"));
    expect(foreign.text).toBe(unknown.text);
    for (const path of ["a%2Fb", "%00", "x".repeat(65), "%F0%9F%91%8D"])
      expect((await cid.call("GET", `threads/${path}`)).status).toBe(404);
    expect(await cid.call("GET", `threads/${id}/messages`)).toMatchObject(problem(404, "thread_not_found"));
    expect(await change(cid, id, { subject: "s" })).toMatchObject(problem(404, "thread_not_found"));
  });
});

describe("GET threads", () => {
  it("lists one's own, latest activity first", async () => {
    expect(asThreads(await ann.call("GET", "threads"))).toEqual([]);
    const ids = [await room(ben), await room(), await room(cid)];
    await make(ben, { kind: "room", members: [cid.entity] });
    const order = async () => asThreads(await ann.call("GET", "threads")).map((it) => it.id);
    expect(await order()).toEqual(ids.toReversed());
    await ben.say({ thread: ids[0], text: "Hi" });
    expect(await order()).toEqual([ids[0], ids[2], ids[1]]);
    await change(ann, ids[1] ?? "", { subject: "s" });
    expect(await order()).toEqual([ids[1], ids[0], ids[2]]);
  });

  it("shows each as GET threads/<id> does", async () => {
    const id = await room(ben);
    await ben.say({ thread: id, text: "Hi" });
    expect(asThreads(await ann.call("GET", "threads"))).toEqual([await ann.thread(id)]);
  });

  it("is read page by page, before the last one seen or its time", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 7; i++) {
      ids.unshift(await room());
      await sleep(3);
    }
    for (const place of ["id", "updated"] as const) {
      const seen: string[] = [];
      for (let before = ""; ; ) {
        const page = asThreads(await ann.call("GET", `threads?limit=3${before && `&before=${before}`}`));
        if (page.length === 0) break;
        expect(page.length).toBeLessThanOrEqual(3);
        seen.push(...page.map((it) => it.id));
        before = page.at(-1)?.[place] ?? "";
      }
      expect(seen).toEqual(ids);
    }
  });

  it.each(["2999-01-01T00:00:00Z", "2999-01-01t00:00:00.123456z", "2999-01-01T00:00:00-05:30", "2998-12-31T23:59:60Z"])(
    "takes each form of a timestamp, such as %s",
    async (before) => {
      const { id } = asThread(await ann.call("POST", "threads", { kind: "room", members: [] }));
      expect(asThreads(await ann.call("GET", `threads?limit=1&before=${before}`))).toMatchObject([{ id }]);
    },
  );

  it.each([
    "limit=0",
    "limit=-1",
    "limit=x",
    "limit=1.5",
    "before=%00",
    "before=a/b",
    "before=2026-01-01T00:00:00%2B05",
    "before=2026-02-30T00:00:00Z",
    "before=Thu,%2001%20Jan%202026%2000:00:00%20GMT",
    "before=2026-01-01T24:00:00Z",
  ])("refuses %s", async (query) => {
    expect(await ann.call("GET", `threads?${query}`)).toMatchObject(problem(400, "invalid"));
  });
});

describe("GET threads/<id>/messages", () => {
  it("gives the newest 50, ascending, and what is kept", async () => {
    const id = await room();
    expect(asPage(await ann.call("GET", `threads/${id}/messages`)).messages).toEqual([]);
    const stanzas = Array.from({ length: 20 }, () => ({ type: "message", message: { thread: id, text: "x" } }));
    for (let i = 0; i < 6; i++) await ann.send({ stanzas });
    const seqs = async (query: string) => {
      const { messages, first, last } = asPage(await ann.call("GET", `threads/${id}/messages?${query}`));
      expect({ first, last }).toEqual({ first: 1, last: 120 });
      return messages.map((it) => it.seq);
    };
    const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
    expect(await seqs("")).toEqual(range(71, 120));
    expect(await seqs("before=71")).toEqual(range(21, 70));
    expect(await seqs("before=21")).toEqual(range(1, 20));
    expect(await seqs("before=1")).toEqual([]);
    expect(await seqs("before=500")).toEqual(range(71, 120));
    expect(await seqs("after=0")).toEqual(range(1, 50));
    expect(await seqs("after=100")).toEqual(range(101, 120));
    expect(await seqs("after=120")).toEqual([]);
    expect(await seqs("after=500")).toEqual([]);
    expect(await seqs("after=10&before=15")).toEqual(range(11, 14));
    expect(await seqs("after=10&before=100&limit=5")).toEqual(range(11, 15));
    for (const limit of [100, 101, 9_999]) expect(await seqs(`limit=${limit}`)).toEqual(range(21, 120));
    expect(await seqs("limit=1")).toEqual([120]);
    expect(await seqs("limit=1&before=120")).toEqual([119]);
  });

  it.each(["limit=0", "limit=x", "limit=-1", "before=x", "before=-1", "after=1.5", "after="])(
    "refuses %s",
    async (query) => {
      const id = await room();
      expect(await ann.call("GET", `threads/${id}/messages?${query}`)).toMatchObject(problem(400, "invalid"));
    },
  );

  it("ends a page before 1 MiB, at the far end", async () => {
    const id = await room();
    const big = { type: "message", message: { thread: id, text: "x".repeat(8_000), extra: "y".repeat(7_000) } };
    for (let i = 0; i < 25; i++) await ann.send({ stanzas: [big, big, big] });
    const newest = await ann.call("GET", `threads/${id}/messages?limit=100`);
    expect(Buffer.byteLength(newest.text)).toBeLessThan(1_048_576);
    const { messages } = asPage(newest);
    expect(messages.at(-1)?.seq).toBe(75);
    expect(messages[0]?.seq).toBeGreaterThan(1);
    const older = asPage(await ann.call("GET", `threads/${id}/messages?limit=100&before=${messages[0]?.seq}`));
    expect([...older.messages, ...messages].map((it) => it.seq)).toEqual(Array.from({ length: 75 }, (_, i) => i + 1));
    const oldest = await ann.call("GET", `threads/${id}/messages?limit=100&after=0`);
    expect(Buffer.byteLength(oldest.text)).toBeLessThan(1_048_576);
    expect(asPage(oldest).messages[0]?.seq).toBe(1);
  });

  it("keeps about CHAT_HISTORY messages", async () => {
    const id = await room();
    const stanzas = Array.from({ length: 20 }, () => ({ type: "message", message: { thread: id, text: "x" } }));
    for (let i = 0; i < 40; i++) await ann.send({ stanzas });
    const { first, last, messages } = asPage(await ann.call("GET", `threads/${id}/messages?after=0&limit=100`));
    expect(last).toBe(800);
    expect(last - first + 1).toBeGreaterThanOrEqual(256);
    expect(last - first + 1).toBeLessThanOrEqual(2 * 256 + 20);
    expect(messages[0]?.seq).toBe(first);
    const below = asPage(await ann.call("GET", `threads/${id}/messages?before=${first}`));
    expect(below).toEqual({ messages: [], first, last });
  });
});

describe("PATCH threads/<id>", () => {
  it("adds: by owners and members, and everybody hears it", async () => {
    const id = await room(ben);
    const reply = await change(ben, id, { add: [cid.entity] });
    expect(reply.status).toBe(200);
    expect(asThread(reply)).toMatchObject({ id, memberCount: 3 });
    for (const who of [ann, ben, cid])
      expect((await changes(who)).at(-1)).toMatchObject({
        ...{ id, action: "added", by: ben.entity, entities: [cid.entity] },
        timestamp: expect.stringMatching(/Z$/),
      });
    expect((await rolesOf(cid, id))[cid.entity]).toBe("member");
  });

  it("adds nobody who is in already, and says nothing of it", async () => {
    const id = await room(ben);
    const cursor = await now(ben);
    expect((await change(ann, id, { add: [ben.entity, ann.entity] })).status).toBe(200);
    expect(await changes(ben, cursor)).toEqual([]);
    expect(await rolesOf(ann, id)).toEqual({ [ann.entity]: "owner", [ben.entity]: "member" });
  });

  it("removes: the one removed hears that, and nothing more, not even what was said before", async () => {
    const id = await room(ben, cid);
    const cursor = await now(ben);
    await ann.say({ thread: id, text: "not yet read" });
    expect((await change(ann, id, { remove: [ben.entity] })).status).toBe(200);
    await ann.say({ thread: id, text: "after" });
    expect(await ben.news(cursor)).toMatchObject([
      { type: "thread", thread: { id, action: "removed", by: ann.entity, entities: [ben.entity] } },
    ]);
    expect(await ben.call("GET", `threads/${id}`)).toMatchObject(problem(404, "thread_not_found"));
    expect(await ben.call("GET", `threads/${id}/messages`)).toMatchObject(problem(404, "thread_not_found"));
    expect(await change(ben, id, { subject: "s" })).toMatchObject(problem(404, "thread_not_found"));
    expect(asThreads(await ben.call("GET", "threads"))).toEqual([]);
    expect((await changes(cid)).at(-1)).toMatchObject({ action: "removed", entities: [ben.entity] });
    expect(messages(await cid.news())).toHaveLength(2);
  });

  it("ends a held poll of the one removed with that", async () => {
    const id = await room(ben);
    const cursor = await now(ben);
    const held = ben.poll(`?wait=20&cursor=${cursor}`);
    await sleep(300);
    await change(ann, id, { remove: [ben.entity] });
    expect((await held).stanzas).toMatchObject([{ type: "thread", thread: { action: "removed" } }]);
  });

  it("lets somebody leave", async () => {
    const id = await room(ben, cid);
    const reply = await change(ben, id, { remove: [ben.entity] });
    expect([200, 204]).toContain(reply.status);
    for (const who of [ann, ben, cid])
      expect((await changes(who)).at(-1)).toMatchObject({ id, action: "left", by: ben.entity, entities: [ben.entity] });
    expect(await ben.call("GET", `threads/${id}`)).toMatchObject(problem(404, "thread_not_found"));
  });

  it("lets somebody come back, from that event on", async () => {
    const id = await room(ben);
    const cursor = await now(ben);
    await change(ann, id, { remove: [ben.entity] });
    await ann.say({ thread: id, text: "meanwhile" });
    await change(ann, id, { add: [ben.entity] });
    await ann.say({ thread: id, text: "again" });
    const heard = await ben.news(cursor);
    expect(messages(heard).map((it) => it.text)).toEqual(["again"]);
    expect(heard.at(-2)).toMatchObject({ type: "thread", thread: { action: "added", entities: [ben.entity] } });
    expect(await ben.thread(id)).toMatchObject({ seq: 2, unread: 1 });
  });

  it("passes ownership to the member who joined first, when the last owner leaves", async () => {
    const id = await room(ben);
    await change(ann, id, { add: [cid.entity] });
    await change(ann, id, { remove: [ann.entity] });
    expect(await rolesOf(cid, id)).toEqual({ [ben.entity]: "owner", [cid.entity]: "member" });
    expect((await changes(cid)).slice(-2)).toMatchObject([
      { action: "left", entities: [ann.entity] },
      { action: "role", role: "owner", entities: [ben.entity] },
    ]);
  });

  it("passes ownership to a name with quotes and accents, too", async () => {
    const odd = await outsider(server, somebody('o"d\\d é👍'));
    const id = await room(odd);
    await change(ann, id, { remove: [ann.entity] });
    expect(await rolesOf(odd, id)).toEqual({ [odd.entity]: "owner" });
    expect((await changes(odd)).at(-1)).toMatchObject({ action: "role", role: "owner", entities: [odd.entity] });
  });

  it("leaves nothing to nobody, when the last one leaves", async () => {
    const id = await room();
    expect((await change(ann, id, { remove: [ann.entity] })).status).toBeLessThan(300);
    expect(await ann.call("GET", `threads/${id}`)).toMatchObject(problem(404, "thread_not_found"));
  });

  it("sets the subject, by owners", async () => {
    const id = await room(ben);
    expect(asThread(await change(ann, id, { subject: 'T"e\\a 👍' })).subject).toBe('T"e\\a 👍');
    expect(await changes(ben)).toMatchObject([{}, { id, action: "subject", by: ann.entity, subject: 'T"e\\a 👍' }]);
    expect(await change(ben, id, { subject: "Mine" })).toMatchObject(problem(403, "forbidden"));
    expect((await ben.thread(id)).subject).toBe('T"e\\a 👍');
  });

  it("sets roles, by owners", async () => {
    const id = await room(ben, cid);
    const role = { entity: ben.entity, role: "visitor" };
    expect((await change(ann, id, { role })).status).toBe(200);
    expect((await changes(cid)).at(-1)).toMatchObject({ id, action: "role", entities: [ben.entity], role: "visitor" });
    expect((await rolesOf(ann, id))[ben.entity]).toBe("visitor");
    expect(await change(cid, id, { role })).toMatchObject(problem(403, "forbidden"));
    await change(ann, id, { role: { entity: cid.entity, role: "owner" } });
    expect((await change(cid, id, { role: { entity: ann.entity, role: "member" } })).status).toBe(200);
    expect(await rolesOf(ann, id)).toEqual({ [ann.entity]: "member", [ben.entity]: "visitor", [cid.entity]: "owner" });
  });

  it("does not take its role from the last owner", async () => {
    const id = await room(ben);
    const demote = () => change(ann, id, { role: { entity: ann.entity, role: "member" } });
    expect(await demote()).toMatchObject(problem(403, "forbidden"));
    await change(ann, id, { role: { entity: ben.entity, role: "owner" } });
    expect((await demote()).status).toBe(200);
  });

  it("lets a visitor read and leave, and nothing else", async () => {
    const id = await room(ben);
    await change(ann, id, { role: { entity: ben.entity, role: "visitor" } });
    await ann.say({ thread: id, text: "Hi" });
    expect(messages(await ben.news())).toHaveLength(1);
    expect(asPage(await ben.call("GET", `threads/${id}/messages`)).messages).toHaveLength(1);
    expect(await change(ben, id, { add: [cid.entity] })).toMatchObject(problem(403, "forbidden"));
    expect(await change(ben, id, { subject: "s" })).toMatchObject(problem(403, "forbidden"));
    expect((await change(ben, id, { remove: [ben.entity] })).status).toBeLessThan(300);
  });

  it("lets a member remove nobody but themselves, and ban nobody", async () => {
    const id = await room(ben, cid);
    for (const body of [
      { remove: [cid.entity] },
      { remove: [ben.entity, cid.entity] },
      { ban: [cid.entity] },
      { unban: [cid.entity] },
      { role: { entity: ben.entity, role: "owner" } },
      { add: [somebody()], subject: "s" },
    ])
      expect(await change(ben, id, body)).toMatchObject(problem(403, "forbidden"));
    expect((await ann.thread(id)).memberCount).toBe(3);
  });

  it("keeps out those who are banned, until they are unbanned", async () => {
    const id = await room(ben, cid);
    expect((await change(ann, id, { ban: [ben.entity] })).status).toBe(200);
    expect(await ben.call("GET", `threads/${id}`)).toMatchObject(problem(404, "thread_not_found"));
    expect((await changes(cid)).at(-1)).toMatchObject({ action: "removed", entities: [ben.entity] });
    expect(await change(cid, id, { add: [ben.entity] })).toMatchObject(problem(403, "forbidden"));
    expect(await change(ann, id, { add: [ben.entity] })).toMatchObject(problem(403, "forbidden"));
    expect((await change(ann, id, { unban: [ben.entity] })).status).toBe(200);
    expect((await change(cid, id, { add: [ben.entity] })).status).toBe(200);
    expect((await ben.thread(id)).memberCount).toBe(3);
  });

  it("keeps out also somebody who never was in", async () => {
    const id = await room(ben);
    expect((await change(ann, id, { ban: [cid.entity] })).status).toBe(200);
    expect(await change(ben, id, { add: [cid.entity] })).toMatchObject(problem(403, "forbidden"));
    expect((await changes(cid)).length).toBe(0);
  });

  it("does several things at once, or none", async () => {
    const id = await room(ben);
    const body = { subject: "s", add: [cid.entity], remove: [ben.entity], role: { entity: cid.entity, role: "owner" } };
    const reply = await change(ann, id, body);
    expect(asThread(reply)).toMatchObject({ subject: "s", memberCount: 2 });
    expect(await rolesOf(ann, id)).toEqual({ [ann.entity]: "owner", [cid.entity]: "owner" });
    const none = await change(ann, id, { subject: "t", role: { entity: somebody(), role: "member" } });
    expect(none.status).toBeGreaterThanOrEqual(400);
    expect((await ann.thread(id)).subject).toBe("s");
  });

  it("takes no more members than CHAT_ROOM_MAX", async () => {
    const id = await room();
    const many = Array.from({ length: 119 }, () => somebody());
    expect((await change(ann, id, { add: many })).status).toBe(200);
    expect(await change(ann, id, { add: [ben.entity] })).toMatchObject(problem(413, "too_large"));
    expect((await change(ann, id, { add: [many[0] ?? ""] })).status).toBe(200);
    expect((await ann.thread(id)).memberCount).toBe(120);
  });

  it.each([
    [{}],
    [[]],
    [{ add: [] }],
    [{ add: "ben" }],
    [{ add: [1] }],
    [{ remove: [""] }],
    [{ subject: 1 }],
    [{ subject: null }],
    [{ role: {} }],
    [{ role: { entity: "ben", role: "king" } }],
    [{ role: { role: "owner" } }],
    [{ role: [] }],
    [{ ban: {} }],
    [{ unban: "ben" }],
    [{ add: Array.from({ length: 1_001 }, (_, i) => `m${i}`) }],
  ])("refuses what is malformed: %j", async (body) => {
    const id = await room();
    expect(await ann.call("PATCH", `threads/${id}`, body)).toMatchObject(problem(400, "invalid"));
  });
});

describe("a direct thread", () => {
  it("never changes its members and roles", async () => {
    const { thread } = await ann.say({ to: [ben.entity], text: "Hi" });
    for (const body of [
      { add: [cid.entity] },
      { remove: [ben.entity] },
      { ban: [ben.entity] },
      { role: { entity: ben.entity, role: "owner" } },
      { role: { entity: ann.entity, role: "visitor" } },
    ])
      expect(await change(ann, thread, body)).toMatchObject(problem(403, "forbidden"));
    expect((await ann.thread(thread)).memberCount).toBe(2);
  });

  it("is hidden by leaving, until its next message", async () => {
    const { thread } = await ann.say({ to: [ben.entity], text: "1" });
    expect((await change(ben, thread, { remove: [ben.entity] })).status).toBeLessThan(300);
    expect(asThreads(await ben.call("GET", "threads"))).toEqual([]);
    expect(asThreads(await ann.call("GET", "threads"))).toMatchObject([{ id: thread, memberCount: 2 }]);
    expect((await ann.say({ to: [ben.entity], text: "2" })).thread).toBe(thread);
    expect(asThreads(await ben.call("GET", "threads"))).toMatchObject([{ id: thread, seq: 2, memberCount: 2 }]);
    expect(messages(await ben.news()).map((it) => it.text)).toEqual(["1", "2"]);
  });
});

describe("what a user sets of a thread", () => {
  it("is pinned or marked on all the user's devices, for nobody else, and is listed on request", async () => {
    const [first, second] = [await room(ben), await room(ben)];
    const set = { thread: first, pinned: true, markedUnread: true };
    expect((await ben.send({ type: "setting", setting: set })).status).toBe(200);
    expect(await ben.news()).toContainEqual({ type: "setting", setting: expect.objectContaining(set) });
    expect((await ann.news()).map(({ type }) => type)).not.toContain("setting");
    expect(await ben.thread(first)).toMatchObject({ pinned: true, markedUnread: true, unread: 0 });
    expect(await ann.thread(first)).not.toHaveProperty("pinned");
    expect(await ann.thread(first)).not.toHaveProperty("markedUnread");
    const ids = async (query = "") => asThreads(await ben.call("GET", `threads${query}`)).map(({ id }) => id);
    expect(await ids()).toEqual([second, first]);
    expect(await ids("?only=pinned")).toEqual([first]);
    await ben.send({ type: "setting", setting: { thread: first, hidden: true } });
    expect(await ids("?only=pinned")).toEqual([]);
    expect(await ids("?only=hidden")).toEqual([first]);
    expect(await ben.call("GET", "threads?only=loud")).toMatchObject(problem(400, "invalid"));
  });
});

describe("the stream of a thread", () => {
  it("tells what was said and what was changed in the order in which it was", async () => {
    const id = await room(ben);
    await ann.say({ thread: id, text: "1" });
    await change(ann, id, { subject: "s" });
    await ann.say({ thread: id, text: "2" });
    await change(ann, id, { add: [cid.entity] });
    await ann.say({ thread: id, text: "3" });
    const told = ["thread", "message", "thread", "message", "thread", "message"];
    expect((await ben.news()).map((it) => it.type)).toEqual(told);
  });
});

describe("GET actors", () => {
  const actors = (who: Outsider, ...ids: string[]) =>
    who.call("GET", `actors?${ids.map((it) => `ids=${encodeURIComponent(it)}`).join("&")}`);

  it("tells a token who it speaks for", async () => {
    const me = { id: ann.entity, objectType: "person", displayName: ann.entity };
    expect(await ann.call("GET", "actors")).toMatchObject({ status: 200, json: { actors: [me] } });
  });

  it("describes those who share a thread, and leaves out all others", async () => {
    await room(ben);
    const reply = await actors(ann, ben.entity, "user,nobody", cid.entity, ann.entity);
    expect(reply.json).toEqual({
      actors: [ben, ann].map(({ entity }) => ({ id: entity, objectType: "person", displayName: entity })),
    });
  });

  it("takes 1 to 100 entities", async () => {
    const many = Array.from({ length: 101 }, (_, i) => `user,${i}`);
    expect(await actors(ann, ...many.slice(1))).toMatchObject({ status: 200, json: { actors: [] } });
    expect(await actors(ann, ...many)).toMatchObject(problem(400, "invalid"));
    expect(await actors(ann, "")).toMatchObject({ ...problem(400, "invalid"), json: { issues: [{ path: "ids.0" }] } });
  });

  it("shows members who come by a session alone as their session does", async () => {
    const entity = somebody("dan");
    const id = await room();
    await change(ann, id, { add: [entity] });
    const headers = { authorization: `Bearer ${await session(entity, { name: "Dan" })}` };
    await server.call("POST", "send", { body: { type: "message", message: { thread: id, text: "Hi" } }, headers });
    const actor = { id: entity, objectType: "person", displayName: "Dan" };
    expect((await actors(ann, entity)).json).toEqual({ actors: [actor] });
    expect((await ann.thread(id)).members).toContainEqual({ entity, role: "member", read: 1, actor });
  });
});
