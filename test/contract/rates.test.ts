import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { inProcess } from "../support/in-process.js";
import { type Outsider, outsider, part, somebody } from "../support/outsider.js";
import { type Reply, session } from "../support/site.js";

// PROFILE §8, sentence by sentence.

// The lowest rates there are, so that a burst is 5.
const LOWEST = { CHAT_RATE_SEND: "1", CHAT_RATE_TOKEN: "4", CHAT_RATE_GUEST: "6", CHAT_RATE_STREAM: "1" };
const server = inProcess({}, LOWEST);
afterAll(() => server.stop());

/** Calls so many times, one after the other. */
async function times(count: number, call: () => Promise<Reply>): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) statuses.push((await call()).status);
  return statuses;
}

const limited = { status: 429, json: { status: 429, code: "rate_limited" } };
const message = () => ({ type: "message", message: { to: ["nobody"], text: "Hi" } });

describe("CHAT_RATE_SEND", () => {
  it("allows bursts of five times that, then asks to wait", async () => {
    const ann = await outsider(server, somebody("ann"));
    expect(await times(5, () => ann.send(message()))).toEqual([200, 200, 200, 200, 200]);
    const reply = await ann.send(message());
    expect(reply).toMatchObject(limited);
    expect(reply.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
    expect(reply.headers.get("content-type")).toBe("application/problem+json");
  });

  it("counts each stanza of an envelope", async () => {
    const ann = await outsider(server, somebody("ann"));
    expect((await ann.send({ stanzas: [message(), message(), message(), message()] })).status).toBe(200);
    expect(await ann.send({ stanzas: [message(), message()] })).toMatchObject(limited);
  });

  it("counts each member of a bulk change", async () => {
    const ann = await outsider(server, somebody("ann"));
    const room = { kind: "room", members: [1, 2, 3, 4].map(() => somebody()) };
    expect((await ann.call("POST", "threads", room)).status).toBe(201);
    expect(await ann.call("POST", "threads", { kind: "room", members: [] })).toMatchObject(limited);
  });

  it("does not forbid what weighs more than a burst", async () => {
    const ann = await outsider(server, somebody("ann"));
    const room = { kind: "room", members: Array.from({ length: 50 }, () => somebody()) };
    expect((await ann.call("POST", "threads", room)).status).toBe(201);
    expect(await ann.send(message())).toMatchObject(limited);
  });

  it("is each user's own, whatever their credentials", async () => {
    const entity = somebody("ann");
    const [one, two, ben] = [
      await outsider(server, entity),
      await outsider(server, entity),
      await outsider(server, somebody("ben")),
    ];
    await times(5, () => one.send(message()));
    expect(await two.send(message())).toMatchObject(limited);
    const headers = { authorization: `Bearer ${await session(entity)}` };
    expect(await server.call("POST", "send", { headers, body: message() })).toMatchObject(limited);
    expect((await ben.send(message())).status).toBe(200);
  });

  it("has nothing half done when it refuses", async () => {
    const ann = await outsider(server, somebody("ann"));
    const ben = await outsider(server, somebody("ben"));
    const to = [ben.entity];
    await times(5, () => ann.send({ type: "message", message: { to, text: "Hi" } }));
    expect((await ann.send({ type: "message", message: { to, text: "too much" } })).status).toBe(429);
    expect(JSON.stringify(await ben.news())).not.toContain("too much");
  });
});

describe("CHAT_RATE_TOKEN", () => {
  it("bounds the tokens a minute", async () => {
    const headers = { authorization: `Bearer ${await session(somebody("ann"))}` };
    const make = () => server.call("POST", "token", { headers });
    expect(await times(4, make)).toEqual([200, 200, 200, 200]);
    const reply = await make();
    expect(reply).toMatchObject(limited);
    expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Number(reply.headers.get("retry-after"))).toBeLessThanOrEqual(60);
  });

  it("does not bound letting tokens go: whoever has one may revoke it", async () => {
    const tokens = [];
    for (let i = 0; i < 5; i++) tokens.push((await outsider(server, somebody())).token);
    expect(
      (await Promise.all(tokens.map((it) => server.call("DELETE", `token/${it}`)))).map((it) => it.status),
    ).toEqual([204, 204, 204, 204, 204]);
  });
});

describe("CHAT_RATE_GUEST", () => {
  const enter = (from: string) => () =>
    server.call("POST", "token", { headers: { "x-real-ip": from }, body: { displayName: "Zoë" } });

  it("bounds the new guests of an address a minute", async () => {
    expect(await times(6, enter("192.0.2.1"))).toEqual([200, 200, 200, 200, 200, 200]);
    const reply = await enter("192.0.2.1")();
    expect(reply).toMatchObject(limited);
    expect(Number(reply.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Number(reply.headers.get("retry-after"))).toBeLessThanOrEqual(60);
  });

  it("counts what names no guest, too, and leaves other addresses alone", async () => {
    const nameless = () => server.call("POST", "token", { headers: { "x-real-ip": "192.0.2.2" } });
    expect(await times(7, nameless)).toEqual([401, 401, 401, 401, 401, 401, 429]);
    expect((await enter("192.0.2.3")()).status).toBe(200);
  });

  it("leaves the users behind that address their own tokens", async () => {
    await times(7, enter("192.0.2.4"));
    const headers = { "x-real-ip": "192.0.2.4", authorization: `Bearer ${await session(somebody("ann"))}` };
    expect(await times(5, () => server.call("POST", "token", { headers }))).toEqual([200, 200, 200, 200, 429]);
  });

  it("leaves a guest who comes back the tokens of a user", async () => {
    const first = await enter("192.0.2.5")();
    await times(6, enter("192.0.2.5"));
    const [cookie = ""] = (first.headers.get("set-cookie") ?? "").split(";");
    const again = () =>
      server.call("POST", "token", { headers: { "x-real-ip": "192.0.2.5", cookie }, body: { fresh: true } });
    expect(await times(5, again)).toEqual([200, 200, 200, 200, 429]);
  });

  it("lets a class in at once where nothing is set", async () => {
    const school = inProcess({ guests: true });
    const pupils = Array.from({ length: 30 }, (_, i) =>
      school.call("POST", "token", { body: { displayName: `Pupil ${i + 1}` } }),
    );
    expect(new Set((await Promise.all(pupils)).map((it) => it.status))).toEqual(new Set([200]));
    await school.stop();
  });
});

describe("a guest", () => {
  const place = inProcess({ guests: true, rateSend: 1, rateStream: 2, rateGuest: 2 });
  afterAll(() => place.stop());
  let address = 0;
  const arrive = async (from = `198.51.100.${++address}`, at = place) => {
    const headers = { "x-real-ip": from };
    const made = await at.call("POST", "token", { headers, body: { displayName: "Zoë" } });
    const authorized = { ...headers, authorization: `Bearer ${part(made, "token")}` };
    return {
      from,
      authorized,
      entity: String(part(made, "actor", "id")),
      write: () => at.call("POST", "send", { headers: authorized, body: message() }),
      read: () => at.call("GET", "blocks", { headers: authorized }),
      cursor: String(part(made, "cursor")),
      poll: () => at.call("GET", "stream?wait=0", { headers: authorized }),
      look: () => at.call("GET", `stream?wait=0&cursor=${part(made, "cursor")}`, { headers: authorized }),
    };
  };
  const later = () => vi.setSystemTime(Date.now() + 6_000);
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  it("has bursts like anybody, and a fifth of the writes in a minute", async () => {
    const zoe = await arrive();
    expect(await times(5, zoe.write)).toEqual([200, 200, 200, 200, 200]);
    later();
    expect(await times(5, zoe.write)).toEqual([200, 200, 200, 200, 200]);
    later();
    expect(await times(3, zoe.write)).toEqual([200, 200, 429]);
    later();
    const refused = await zoe.write();
    expect(refused).toMatchObject(limited);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(5);
    expect((await zoe.read()).status).toBe(200);
  });

  it("has a tenth of the stream requests in a minute that do not wait", async () => {
    const zoe = await arrive();
    expect(await times(8, zoe.look)).toEqual(Array(8).fill(200));
    later();
    expect(await times(5, zoe.look)).toEqual([200, 200, 200, 200, 429]);
    const signal = AbortSignal.timeout(200);
    const path = `stream?wait=25&cursor=${zoe.cursor}`;
    expect((await place.call("GET", path, { headers: zoe.authorized, signal })).status).toBe(200);
  });

  it("has a tenth of the reads in a minute, of which those that memory answers are none", async () => {
    const zoe = await arrive();
    const yan = await arrive();
    expect(await times(10, zoe.read)).toEqual(Array(10).fill(200));
    later();
    expect(await times(3, zoe.read)).toEqual([200, 200, 429]);
    expect((await yan.read()).status).toBe(200);
    expect(await times(5, zoe.poll)).toEqual(Array(5).fill(200));
  });

  it("shares twenty times CHAT_RATE_GUEST with the other guests of an address", async () => {
    const busy = inProcess({ guests: true, rateSend: 5, rateStream: 2, rateGuest: 2 });
    const [zoe, yan] = [await arrive(undefined, busy), await arrive(undefined, busy)];
    const xia = await arrive(zoe.from, busy);
    expect(await times(25, zoe.write)).toEqual(Array(25).fill(200));
    expect(await times(16, xia.write)).toEqual([...Array(15).fill(200), 429]);
    expect(await times(16, yan.write)).toEqual(Array(16).fill(200));
    await busy.stop();
  });

  it("can take part in the talk of a class behind one address where nothing is set", async () => {
    const school = inProcess({ guests: true });
    const pupils = await Promise.all(Array.from({ length: 30 }, () => arrive("198.51.100.200", school)));
    const say = async ({ authorized, entity }: (typeof pupils)[number], count: number) => {
      const room = { thread: `room-of-${entity.slice(-12)}`, to: [entity] };
      const stanzas = Array.from({ length: count }, () => ({ type: "message", message: { ...room, text: "x" } }));
      return (await school.call("POST", "send", { headers: authorized, body: { stanzas } })).status;
    };
    for (const count of [1, 15, 15])
      expect(new Set(await Promise.all(pupils.map((it) => say(it, count))))).toEqual(new Set([200]));
    await school.stop();
  });

  it("uses up nothing of the users behind the same address", async () => {
    const busy = inProcess({ guests: true, rateSend: 5, rateStream: 2, rateGuest: 2 });
    const from = "198.51.100.77";
    const guests = [
      ...(await times(25, (await arrive(from, busy)).write)),
      ...(await times(16, (await arrive(from, busy)).write)),
    ];
    expect(guests.at(-1)).toBe(429);
    const headers = { "x-real-ip": from, authorization: `Bearer ${await session(somebody("ann"))}` };
    const write = () => busy.call("POST", "send", { headers, body: message() });
    expect(await times(5, write)).toEqual(Array(5).fill(200));
    await busy.stop();
  });
});

describe("what looks at each of the user's threads", () => {
  it("weighs by how many there are, once this instance has read them", async () => {
    const place = inProcess({ rateSend: 2, rateStream: 2 });
    const roomy = inProcess();
    const [ann, ben] = [await outsider(place, somebody("ann")), await outsider(place, somebody("ben"))];
    const elsewhere = await outsider(roomy, ann.entity);
    for (let i = 0; i < 45; i++) await elsewhere.call("POST", "threads", { kind: "room", members: [] });
    for (const who of [ann, ben]) expect((await who.call("GET", "threads?limit=1")).status).toBe(200);
    const presence = (who: Outsider, status: string) => () => who.send({ type: "presence", presence: [{ status }] });
    expect(await times(2, presence(ann, "busy"))).toEqual([200, 429]);
    expect(await times(2, presence(ben, "busy"))).toEqual([200, 200]);
    for (const path of ["friends", "threads", "get-friends"]) {
      await expect.poll(async () => (await ben.call("GET", path)).status, { timeout: 9_000, interval: 500 }).toBe(200);
      await expect.poll(async () => (await ann.call("GET", path)).status, { timeout: 9_000, interval: 500 }).toBe(200);
      expect((await ben.call("GET", path)).status).toBe(200);
      expect((await ann.call("GET", path)).status).toBe(429);
    }
    await Promise.all([place.stop(), roomy.stop()]);
  }, 40_000);
});

describe("CHAT_RATE_STREAM", () => {
  it("bounds the stream requests a second", async () => {
    const ann = await outsider(server, somebody("ann"));
    const poll = () => server.call("GET", `stream/${ann.token}?wait=0&cursor=${ann.cursor}`);
    expect(await times(5, poll)).toEqual([200, 200, 200, 200, 200]);
    const reply = await poll();
    expect(reply).toMatchObject(limited);
    expect(reply.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
  });

  it("is told to an EventSource by an event and a longer retry, since it would never come back", async () => {
    const ann = await outsider(server, somebody("ann"));
    await times(5, () => server.call("GET", `stream/${ann.token}?wait=0`));
    for (const query of ["wait=0", "live=1"]) {
      const headers = { accept: "text/event-stream" };
      const reply = await server.call("GET", `stream/${ann.token}?${query}`, { headers });
      expect(reply.status).toBe(200);
      expect(reply.headers.get("content-length")).toBe(`${Buffer.byteLength(reply.text)}`);
      const [, retry = "", data = ""] = /^retry: (\d+)\n\nevent: problem\ndata: (.*)\n\n$/.exec(reply.text) ?? [];
      expect(Number(retry)).toBeGreaterThanOrEqual(1_000);
      expect(JSON.parse(data)).toMatchObject({ status: 429, code: "rate_limited" });
    }
  });

  it("leaves sending alone, and comes back by itself", async () => {
    const ann = await outsider(server, somebody("ann"));
    const poll = () => server.call("GET", `stream/${ann.token}?wait=0`);
    await times(6, poll);
    expect((await ann.send(message())).status).toBe(200);
    // Also a poll that takes all that there is at once.
    await expect.poll(async () => (await poll()).status, { timeout: 8_000, interval: 500 }).toBe(200);
  });
});

describe("a code that is no invite's", () => {
  it.each([
    ["read", (who: Outsider, code: string) => who.call("GET", `invites/${code}`)],
    ["joined by", (who: Outsider, code: string) => who.call("POST", "threads/join", { code })],
  ])("bounds guesses by their address: %s", async (_, guess) => {
    const elsewhere = inProcess({}, LOWEST);
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) {
      const ann = await outsider(elsewhere, somebody("ann"));
      statuses.push(...(await times(2, async () => guess(ann, randomBytes(16).toString("base64url")))));
    }
    expect([statuses[0], statuses.at(-1)]).toEqual([404, 429]);
    await elsewhere.stop();
  });
});

describe("the polls that are held", () => {
  it("of guests of one address are at most eight times CHAT_RATE_GUEST; the oldest ends", async () => {
    const place = inProcess({ guests: true, rateGuest: 1 });
    const polls: Promise<{ json: unknown }>[] = [];
    const over = new AbortController();
    for (const from of ["10.1.0.1", "10.1.0.2"]) {
      const made = await place.call("POST", "token", { body: { displayName: "Gus" }, headers: { "x-real-ip": from } });
      const headers = { "x-real-ip": "10.1.0.1" };
      const path = `stream/${part(made, "token")}?wait=25&cursor=${part(made, "cursor")}`;
      for (let i = 0; i < 5; i++) polls.push(place.call("GET", path, { headers, signal: over.signal }));
    }
    for (const ended of polls.slice(0, 2)) expect((await ended).json).toMatchObject({ stanzas: [], pause: 10 });
    over.abort();
    for (const left of polls.slice(2)) expect((await left).json).not.toHaveProperty("pause", 10);
    await place.stop();
  });
});

// Last, since everybody here has one address, which is then told to wait.
describe("a token that is none", () => {
  it("bounds guesses by their address", async () => {
    const guess = () => server.call("GET", `stream/${randomUUID()}?wait=0`);
    const statuses = await times(6, guess);
    expect([statuses[0], statuses.at(-1)]).toEqual([404, 429]);
  });
});
