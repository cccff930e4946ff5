import * as v from "valibot";
import { afterAll, describe, expect, inject, it } from "vitest";
import { createKeys } from "../../lib/store/keys.js";
import { counted } from "../support/counted.js";
import { inProcess } from "../support/in-process.js";
import { asThread, type Outsider, outsider, part, somebody } from "../support/outsider.js";

// Answers are bounded whatever they are about, and what does not fit can be had.

const server = inProcess();
afterAll(() => server.stop());

const keys = createKeys(process.env.CHAT_PREFIX ?? "");
const MIB = 1024 * 1024;
const KIB16 = 16 * 1024;

async function redis(...command: (string | number)[]): Promise<unknown> {
  const bridge = inject("bridge") ?? { url: "", token: "" };
  const headers = { authorization: `Bearer ${bridge.token}` };
  const response = await fetch(bridge.url, { method: "POST", headers, body: JSON.stringify(command) });
  const { result } = v.parse(v.object({ result: v.unknown() }), await response.json());
  return result;
}

/** Puts a user into rooms, which they joined at `from` and after, as a store has them. */
async function join(who: Outsider, count: number, from: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, i) => `${who.entity.replace(",", "-")}-${i}`);
  const role = `role:${encodeURIComponent(who.entity)}`;
  for (const id of ids) await redis("HSET", keys.thread(id), "kind", "room", role, "owner", "seq", 3);
  await redis("HSET", keys.threads(who.entity), ...ids.flatMap((id, i) => [id, from + i]));
  return ids;
}

const Resync = v.object({
  reason: v.string(),
  threads: v.array(v.object({ id: v.string(), seq: v.number(), unread: v.number() })),
});

/** Follows a stream from a cursor until nothing more comes; returns what each answer named by a resync, and the stanzas after all. */
async function follow(who: Outsider, from: string) {
  const parts: string[][] = [];
  const others: unknown[] = [];
  for (let cursor = from; ; ) {
    const answer = await who.poll(`?wait=0&cursor=${cursor}`);
    expect(answer.prev).toBe(cursor);
    if (answer.stanzas.length === 0) return { parts, others, cursor };
    for (const stanza of answer.stanzas) {
      expect(Buffer.byteLength(JSON.stringify(stanza))).toBeLessThanOrEqual(KIB16);
      if (stanza.type === "resync") parts.push(v.parse(Resync, stanza.resync).threads.map(({ id }) => id));
      else others.push(stanza);
    }
    cursor = answer.cursor;
  }
}

describe("a resync", () => {
  it("names 50 threads at a time, each once, and then the stream goes on", async () => {
    const ann = await outsider(server, somebody("ann"));
    const ids = await join(ann, 120, 1);
    const first = await ann.poll("?wait=0&cursor=elsewhere.1");
    expect(first).toMatchObject({ more: true, stanzas: [{ type: "resync", resync: { reason: "epoch" } }] });
    const { id } = asThread(await ann.call("POST", "threads", { kind: "room", members: [] }));
    const { parts, others } = await follow(ann, first.cursor);
    expect(parts.map((it) => it.length)).toEqual([50, 20]);
    const named = v.parse(Resync, first.stanzas[0]?.resync).threads;
    expect(named[0]).toEqual({ id: ids[0], seq: 3, unread: 3 });
    expect([...named.map((it) => it.id), ...parts.flat()]).toEqual(ids);
    expect(others).toMatchObject([{ type: "thread", thread: { id, action: "created" } }]);
  });

  it("goes on for an EventSource, by the ids of its events", async () => {
    const ann = await outsider(server, somebody("ann"));
    const ids = await join(ann, 70, 1);
    const named: string[] = [];
    for (let id = "elsewhere.1", i = 0; i < 2; i++) {
      const headers = { accept: "text/event-stream", "last-event-id": id };
      const { text } = await ann.call("GET", "stream?wait=0", undefined, headers);
      const [, event = "", data = "{}"] = /^id: (.*)\ndata: (.*)$/m.exec(text) ?? [];
      named.push(...v.parse(v.object({ resync: Resync }), JSON.parse(data)).resync.threads.map((it) => it.id));
      id = event;
    }
    expect(named).toEqual(ids);
  });

  it("also of threads whose logs were trimmed, and nothing of them is left out", async () => {
    const ann = await outsider(server, somebody("ann"));
    const [epoch = "", n = ""] = ann.cursor.split(".");
    const now = Number(n);
    const ids = await join(ann, 120, now - 9_000);
    for (const [i, id] of ids.entries()) {
      const body = JSON.stringify({ type: "thread", thread: { id, action: "subject", subject: "Tea" } });
      await redis("XADD", keys.events(id), `${now - 200 + i}-0`, "p", now - 300, "k", "post", "b", "ben", "e", body);
      await redis("ZADD", keys.tips(id), now - 200 + i, id);
    }
    const { parts, others } = await follow(ann, `${epoch}.${now - 1_000}`);
    expect(parts.slice(0, 3).map((it) => it.length)).toEqual([50, 50, 20]);
    expect(parts.slice(0, 3).flat()).toEqual(ids);
    expect(others).toHaveLength(120);
  });
});

/** Puts somebody together with many others who have shown themselves, in rooms of 90. */
async function acquaint(who: Outsider, entities: readonly string[], actor: object = {}): Promise<void> {
  for (let at = 0; at < entities.length; at += 89) {
    const id = `${who.entity.replace(",", "-")}-r${at}`;
    const members = [who.entity, ...entities.slice(at, at + 89)].map(encodeURIComponent);
    const fields = members.flatMap((it) => [`role:${it}`, "member", `read:${it}`, 0]);
    await redis("HSET", keys.thread(id), "kind", "room", "seq", 0, "created", "2026-01-01T00:00:00.000Z", ...fields);
    await redis("ZADD", keys.members(id), ...members.flatMap((it, i) => [i + 1, it]));
    await redis("HSET", keys.threads(who.entity), id, at + 1);
  }
  const described = (id: string) => JSON.stringify({ id, objectType: "person", ...actor });
  await redis("MSET", ...entities.flatMap((it) => [keys.actor(it), described(it)]));
}

const Presence = v.array(v.looseObject({ entity: v.string() }));

describe("contacts with large profiles", () => {
  it("come in stanzas of at most 16 KiB, in an answer of at most 1 MiB, and nothing is lost for them", async () => {
    const [ann, ben] = await Promise.all([outsider(server, somebody("ann")), outsider(server, somebody("ben"))]);
    await acquaint(
      ann,
      Array.from({ length: 190 }, () => somebody("contact")),
      { about: "x".repeat(3_900) },
    );
    const { thread } = await ben.say({ to: [ann.entity], text: "0" });
    for (let i = 1; i < 75; i++) await ben.say({ thread, text: `${i}`, extension: "x".repeat(15_000) });
    const seen: string[] = [];
    const texts: unknown[] = [];
    for (let cursor = ann.cursor, i = 0; i < 4; i++) {
      const reply = await server.call("GET", `stream/${ann.token}?wait=0${i === 0 ? "" : `&cursor=${cursor}`}`);
      expect(Buffer.byteLength(reply.text)).toBeLessThanOrEqual(MIB);
      cursor = String(part(reply, "cursor"));
      for (const stanza of v.parse(v.array(v.looseObject({ type: v.string() })), part(reply, "stanzas"))) {
        expect(Buffer.byteLength(JSON.stringify(stanza))).toBeLessThanOrEqual(KIB16);
        if (stanza.type === "presence") seen.push(...v.parse(Presence, stanza.presence).map((it) => it.entity));
        if (stanza.type === "message") texts.push(v.parse(v.looseObject({ text: v.string() }), stanza.message).text);
      }
    }
    expect(texts).toEqual(Array.from({ length: 75 }, (_, i) => `${i}`));
    expect(new Set(seen).size).toBeGreaterThan(100);
  });

  it("are listed in pages, each of them once", async () => {
    const ann = await outsider(server, somebody("ann"));
    const all = Array.from({ length: 450 }, () => somebody("contact"));
    await acquaint(ann, all);
    const first = await ann.call("GET", "friends");
    expect([v.parse(Presence, part(first, "friends")).length, part(first, "more")]).toEqual([200, true]);
    const pages: string[][] = [];
    for (let after = "", more: unknown = true; more; ) {
      const reply = await ann.call("GET", `friends?after=${encodeURIComponent(after)}`);
      const page = v.parse(Presence, part(reply, "friends")).map((it) => it.entity);
      pages.push(page);
      after = page.at(-1) ?? "";
      more = part(reply, "more");
    }
    expect(pages.map((it) => it.length)).toEqual([200, 200, 50]);
    expect(pages.flat()).toEqual(all.toSorted((a, b) => Number(a > b) - Number(a < b)));
    expect(await ann.call("GET", "friends?after=a%E2%80%8Bb")).toMatchObject({ status: 400 });
  });
});

describe("a request of a user in 2,000 rooms, half of them hidden", () => {
  it("costs the store less than a hundred commands, whatever it says", async () => {
    const { server: ample, commands, stop } = await counted({ rateStream: 10_000 });
    const ann = await outsider(ample, somebody("ann"));
    const name = ann.entity.replace(",", "-");
    const rooms = Array.from({ length: 2_000 }, (_, i) => `${name}-${i}`);
    const who = encodeURIComponent(ann.entity);
    for (const [i, id] of rooms.slice(0, 200).entries()) {
      const updated = new Date(Date.UTC(2020, 0, 1) - i).toISOString();
      const hidden = i < 100 ? [`hidden:${who}`, 1] : [];
      await redis(
        "HSET",
        keys.thread(id),
        "kind",
        "room",
        `role:${who}`,
        "owner",
        "seq",
        1,
        "updated",
        updated,
        ...hidden,
      );
      await redis("ZADD", keys.tips(id), 10_000 - i, id);
    }
    await redis("HSET", keys.threads(ann.entity), ...rooms.flatMap((id, i) => [id, i + 1]), `${name}-left`, -5);
    const { cursor } = await ann.poll("?wait=0");
    const paths = [
      "threads?limit=1",
      "threads?limit=1&before=1970-01-01T00:00:00.000Z",
      "threads?limit=1&before=2999-01-01T00:00:00.000Z",
      `threads?limit=1&before=${name}-left`,
      `threads?limit=1&before=${name}-150`,
      `threads/${name}-1`,
      `threads/${name}-1/messages?limit=100&after=0`,
      `threads/${name}-1/messages?limit=100&before=999999999999999`,
      `threads/${name}-1/invites`,
      `invites/${"x".repeat(22)}`,
      "blocks?after=zzz",
      `actors?${Array.from({ length: 9 }, (_, i) => `ids=nobody${i}`).join("&")}`,
      "stream?wait=0&cursor=zzz.1",
      `stream?wait=0&cursor=${cursor}9`,
      `stream?wait=0&cursor=${cursor.split(".")[0]}.5000.e0`,
    ];
    for (const path of paths) {
      const ask = async () => expect((await ample.call("GET", path, bearer(ann))).status).toBeLessThan(500);
      expect([path, Math.min(await commands(ask), await commands(ask)) < 100]).toEqual([path, true]);
    }
    await stop();
  });

  it("goes on through what is hidden, page by page", async () => {
    const ann = await outsider(server, somebody("ann"));
    const ids: string[] = [];
    for (let i = 0; i < 70; i++)
      ids.push(asThread(await ann.call("POST", "threads", { kind: "room", members: [] })).id);
    for (let i = 10; i < 70; i++)
      await redis("HSET", keys.thread(ids[i] ?? ""), `hidden:${encodeURIComponent(ann.entity)}`, 0);
    const seen: unknown[] = [];
    for (let before = "", i = 0; i < 20; i++) {
      const reply = await ann.call("GET", `threads?limit=2${before && `&before=${before}`}`);
      const page = v.parse(v.array(v.looseObject({ id: v.string() })), part(reply, "threads")).map((it) => it.id);
      seen.push(...page);
      before = String(part(reply, "before") ?? page.at(-1) ?? "");
      if (page.length === 0 && part(reply, "more") === undefined) break;
    }
    expect(seen).toEqual(ids.slice(0, 10).toReversed());
  });
});

describe("a stream request that memory cannot answer", () => {
  it("counts five, and so does an event stream without a position", async () => {
    const tight = inProcess({ rateStream: 2 });
    for (const [query, accept] of [
      ["&cursor=zzz.1", "application/json"],
      ["", "text/event-stream"],
    ]) {
      const ann = await outsider(tight, somebody("ann"));
      await expect.poll(async () => (await tight.call("GET", `stream/${ann.token}?wait=0`)).status).toBe(200);
      const replies: string[] = [];
      const headers = { accept: accept ?? "" };
      for (let i = 0; i < 3; i++)
        replies.push((await tight.call("GET", `stream/${ann.token}?wait=0${query}`, { headers })).text);
      expect(replies[0]).not.toContain("rate_limited");
      expect(replies.at(-1)).toContain("rate_limited");
    }
    await tight.stop();
  });

  it("counts as much where that shows late: given up before its position is kept, or a little ahead of the log", async () => {
    const tight = inProcess({ rateStream: 2 });
    const warm = await outsider(tight, somebody("warm"));
    await expect.poll(async () => (await tight.call("GET", `stream/${warm.token}?wait=0`)).status).toBe(200);
    const ahead = warm.cursor.replace(/\d+$/, (n) => `${Number(n) + 900}`);
    for (const query of ["", `&cursor=${ahead}`]) {
      const ann = await outsider(tight, somebody("ann"));
      const statuses: number[] = [];
      for (let i = 0; i < 3; i++) {
        const signal = AbortSignal.timeout(200);
        statuses.push((await tight.call("GET", `stream/${ann.token}?wait=25${query}`, { signal })).status);
      }
      expect(statuses).toEqual([200, 200, 429]);
    }
    await tight.stop();
  });

  it("counts one once its position is kept", async () => {
    const tight = inProcess({ rateStream: 2 });
    const ann = await outsider(tight, somebody("ann"));
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push((await tight.call("GET", `stream/${ann.token}?wait=0`)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200]);
    await tight.stop();
  });
});

const bearer = ({ token }: Outsider) => ({ headers: { authorization: `Bearer ${token}` } });

describe("the descriptions of a hundred members whom a guest shares twenty rooms with", () => {
  it("cost the store one command for each member and each room", async () => {
    const { server: ample, commands, stop } = await counted({ rateStream: 10_000, guests: true });
    const made = await ample.call("POST", "token", { body: { displayName: "Gus" } });
    const { token, actor } = v.parse(
      v.looseObject({ token: v.string(), actor: v.looseObject({ id: v.string() }) }),
      made.json,
    );
    const rooms = Array.from({ length: 20 }, () => somebody("room").replace(",", "-"));
    const members = Array.from({ length: 99 }, () => somebody("member"));
    const memberships = rooms.flatMap((id, i) => [id, i + 1]);
    for (const id of rooms)
      await redis("HSET", keys.thread(id), ...members.flatMap((it) => [`read:${encodeURIComponent(it)}`, 1]));
    for (const it of [actor.id, ...members]) await redis("HSET", keys.threads(it), ...memberships);
    const path = `actors?${members.map((it) => `ids=${encodeURIComponent(it)}`).join("&")}`;
    const headers = { authorization: `Bearer ${token}` };
    await ample.call("GET", path, { headers });
    let described: unknown;
    const asked = await commands(async () => {
      described = (await ample.call("GET", path, { headers })).json;
    });
    expect(v.parse(v.object({ actors: v.array(v.unknown()) }), described).actors).toHaveLength(99);
    expect(asked).toBeLessThan(160);
    await stop();
  }, 20_000);
});
