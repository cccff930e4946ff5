import { once } from "node:events";
import { Agent, request } from "node:http";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { outsider, somebody } from "../outsider.js";
import { type Site, session, site } from "../site.js";

// Random and mutated bodies, headers and URLs: whatever comes, no answer says that the server failed, none takes long,
// and afterwards people talk as before. FUZZ_SEED repeats a run.

const REQUESTS = 10_000;
const AT_ONCE = 24;
const PATIENCE_MS = 2_000;
const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

let server: Site;
let words: string[];
beforeAll(async () => {
  const store = inject("bridge");
  if (store === undefined) throw new Error("Cannot test without a store");
  server = await site(store);
  const [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
  const { thread, id } = await ann.say({ to: [ben.entity], text: "Hi", id: "2a0cf4e3-43a8-4b5c-a1a1-6b9b5a7f0c11" });
  words = [ann.token, ben.token, ann.cursor, ann.entity, ben.entity, thread, id, await session(ann.entity)];
});
afterAll(() => server.stop());

describe("the server", () => {
  it(`survives ${REQUESTS} requests that make no sense (FUZZ_SEED=${SEED})`, async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
    const dice = new Dice(SEED);
    const seen = new Map<number, number>();
    let left = REQUESTS;
    const worker = async () => {
      while (left-- > 0) {
        const attempt = nonsense(dice);
        const { status, general } = await ask(agent, attempt);
        seen.set(status, (seen.get(status) ?? 0) + 1);
        // What is no HTTP is refused before anybody can look at the path.
        const unread = status === 431 || (status === 400 && attempt.headers.some(([name]) => name === "Host"));
        const fine = status > 0 && status < 500 && (general || unread);
        if (!fine) throw new Error(`Answered by ${status}, seed ${SEED}: ${JSON.stringify(attempt)}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    agent.destroy();

    // Requests that are all refused at the door would prove little.
    for (const status of [200, 201, 204, 400, 401, 403, 404, 405, 409, 415])
      expect(`${status}: ${(seen.get(status) ?? 0) > 0}`).toBe(`${status}: true`);
  }, 120_000);

  it("talks as before", async () => {
    const [cid, dan] = [await outsider(server, somebody("cid")), await outsider(server, somebody("dan"))];
    await cid.say({ to: [dan.entity], text: "Still there?" });
    expect(await dan.news()).toMatchObject([{ type: "thread" }, { message: { text: "Still there?" } }]);
    expect((await server.call("GET", "health")).status).toBe(200);
  });
});

/** Throws dice that fall the same way for the same seed (mulberry32). */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A number from 0 up to, not including, `below`. */
  up(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  }

  once(inSoMany: number): boolean {
    return this.up(inSoMany) === 0;
  }

  one<T>(...of: [T, ...T[]]): T {
    return of[this.up(of.length)] ?? of[0];
  }

  many<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.up(most + 1) }, make);
  }
}

type Attempt = { method: string; path: string; headers: [string, string][]; body: Buffer | undefined };

function nonsense(dice: Dice): Attempt {
  const sound = dice.one(
    "POST send",
    "POST send",
    "POST threads",
    "PATCH threads/",
    "GET stream",
    "GET threads/",
    "DELETE token/",
  );
  const [usual = "", place = ""] = sound.split(" ");
  const method = dice.once(8)
    ? dice.one("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "PROPFIND")
    : usual;
  const path = dice.once(4) ? pathOf(dice, dice.one(...PATHS)) : pathOf(dice, place);
  const body = method === "GET" || method === "HEAD" ? undefined : bodyOf(dice, place);
  return { method, path, headers: headersOf(dice, body !== undefined), body };
}

const PATHS = ["token", "stream", "send", "threads", "health", "blocks", "friends", "actors", "nothing", ""] as const;

function pathOf(dice: Dice, place: string): string {
  let path = place;
  if (path === "threads/") path += dice.once(2) ? words[5] : word(dice);
  else if (path.endsWith("/") || dice.once(12)) path += `/${word(dice)}`;
  if (path.startsWith("threads/") && dice.once(2)) path += `/${dice.one("messages", "invites", "join", "x")}`;
  if (dice.once(12)) path = mutated(dice, Buffer.from(path)).toString("latin1");
  // Without "?" and "#", so that no poll is held: the wait comes first in the query.
  const safe = path.replaceAll(/[^\x21-\x7e]|[?#]/g, (it) => (dice.once(4) ? "" : escaped(it)));
  const query = dice.many(3, () => {
    const name = dice.one("cursor", "limit", "before", "after", "live", "wait", "token", "__proto__", "");
    return `${name}=${dice.once(3) ? "1" : escaped(word(dice))}`;
  });
  return `/nereid-chat/${safe}?${["wait=0", ...query].join("&")}`;
}

/** Percent-encodes a text; half a surrogate pair cannot be. */
function escaped(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

function headersOf(dice: Dice, withBody: boolean): [string, string][] {
  const headers: [string, string][] = [];
  // The session lasts; the tokens are soon revoked by one of these requests.
  if (!dice.once(12)) headers.push(["Authorization", `Bearer ${dice.once(6) ? word(dice) : words[7]}`]);
  if (withBody && !dice.once(10)) headers.push(["Content-Type", "application/json"]);
  for (const name of dice.many(2, () => dice.one(...HEADERS))) {
    const value = dice.once(2) ? dice.one(...VALUES) : word(dice);
    headers.push([name, value]);
  }
  return headers.map(([name, it]) => [name, it.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, "~")]);
}

const HEADERS = [
  ...(["Accept", "Authorization", "Cookie", "Origin", "Last-Event-ID", "Content-Type", "Content-Encoding"] as const),
  ...([
    "Host",
    "Via",
    "X-Forwarded-Proto",
    "X-Forwarded-For",
    "X-Real-IP",
    "Range",
    "If-None-Match",
    "Accept-Encoding",
  ] as const),
  ...([
    "Upgrade",
    "TE",
    "Forwarded",
    "Sec-Fetch-Site",
    "Access-Control-Request-Method",
    "X-HTTP-Method-Override",
  ] as const),
] as const;
const VALUES = [
  ...([
    "text/event-stream",
    "*/*",
    "null",
    "https://strange.example",
    "1.0 x",
    "https",
    "bytes=0-1",
    "websocket",
  ] as const),
  ...([
    "gzip",
    "chat_session=x",
    "chat_session=",
    ";;;=",
    "application/json; charset=utf-7",
    "text/plain",
    "a b",
    "[",
  ] as const),
] as const;

function bodyOf(dice: Dice, place: string): Buffer {
  if (dice.once(50)) return Buffer.alloc(65_000 + dice.up(2_000), " ");
  if (dice.once(12)) return Buffer.from(dice.many(200, () => dice.up(256)));
  const json = Buffer.from(JSON.stringify(dice.once(6) ? value(dice, 4) : sensible(dice, place)));
  return dice.once(4) ? mutated(dice, json) : json;
}

/** Something that may well be taken, but for a field here and there. */
function sensible(dice: Dice, place: string): unknown {
  const maybe = (name: string, it: () => unknown) =>
    dice.once(3) ? { [name]: dice.once(8) ? value(dice, 3) : it() } : {};
  const entities = () => dice.many(4, () => word(dice));
  const common = { ...maybe("thread", () => words[5]), ...maybe("id", () => words[6]), ...maybe("to", entities) };
  const said = {
    ...maybe("text", () => word(dice)),
    ...maybe("subject", () => word(dice)),
    ...maybe("type", () => dice.one("plain", "html", "rst")),
    ...maybe("language", () => dice.one("en", "en_US", "de-x", word(dice))),
    ...maybe("attachments", () => dice.many(3, () => ({ url: dice.one("https://a.example", word(dice)) }))),
    ...maybe(word(dice), () => value(dice, 3)),
  };
  const type = dice.one(
    "message",
    "message",
    "message",
    "presence",
    "state",
    "receipt",
    "edit",
    "reaction",
    "block",
    "thread",
  );
  const payload =
    type === "presence"
      ? [said]
      : { ...common, ...said, ...maybe("seq", () => dice.up(9)), ...maybe("emoji", () => "👍") };
  const stanza = { type, [type]: payload };
  if (place.startsWith("threads")) {
    const lists = {
      ...maybe("members", entities),
      ...maybe("add", entities),
      ...maybe("remove", entities),
      ...maybe("ban", entities),
    };
    return {
      kind: dice.one("room", "direct"),
      members: entities(),
      ...lists,
      ...maybe("subject", () => word(dice)),
      ...maybe("id", () => words[5]),
    };
  }
  return dice.once(5) ? { stanzas: dice.many(4, () => stanza) } : stanza;
}

function value(dice: Dice, depth: number): unknown {
  const kind = dice.up(depth > 0 ? 9 : 7);
  if (kind === 0) return null;
  if (kind === 1) return dice.once(2);
  if (kind === 2) return dice.one(0, -1, 1e308, 0.5, 2 ** 53, 1, -0);
  if (kind < 7) return word(dice);
  if (kind === 7) return dice.many(4, () => value(dice, depth - 1));
  return Object.fromEntries(dice.many(4, () => [word(dice), value(dice, depth - 1)]));
}

const ODD = [
  ...([
    "",
    "x",
    "__proto__",
    "constructor",
    "toString",
    "null",
    "0",
    "-1",
    "..",
    "%00",
    "%",
    "%ff",
    "a:b|c,d",
  ] as const),
  ...([
    "\u0000",
    "\ud800",
    "👍",
    "\u202e",
    "' OR 1",
    "{{x}}",
    "<script>",
    "<b><i>",
    "*",
    "KEYS[1]",
    "\r\n",
    "id:x",
  ] as const),
] as const;

function word(dice: Dice): string {
  const kind = dice.up(8);
  if (kind < 3) return words[dice.up(words.length)] ?? "";
  if (kind < 6) return dice.one(...ODD);
  if (kind === 6) return String.fromCharCode(...dice.many(20, () => dice.up(dice.once(4) ? 65_536 : 256)));
  return dice.one(...ODD).repeat(dice.up(dice.once(10) ? 3_000 : 30));
}

/** Turns, drops, doubles or puts in a few bytes. */
function mutated(dice: Dice, bytes: Buffer): Buffer {
  let out = Buffer.from(bytes);
  for (let i = dice.up(4) + 1; i > 0; i--) {
    const at = dice.up(out.length + 1);
    const length = dice.up(8);
    const rest = out.subarray(at + (dice.once(2) ? length : 0));
    const middle = dice.once(2) ? out.subarray(at, at + length) : Buffer.from(dice.many(4, () => dice.up(256)));
    out = Buffer.concat([out.subarray(0, at), middle, rest]);
  }
  return out;
}

/** Asks, and answers 0 for what was not answered in time, -1 for a connection that broke. */
async function ask(
  agent: Agent,
  { method, path, headers, body }: Attempt,
): Promise<{ status: number; general: boolean }> {
  const { hostname, port } = new URL(server.url);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const length: [string, string][] = body === undefined ? [] : [["Content-Length", `${body.length}`]];
  const host: [string, string][] = headers.some(([name]) => name === "Host") ? [] : [["Host", `${hostname}:${port}`]];
  const asked = request({
    agent,
    host: "127.0.0.1",
    port,
    method,
    path,
    signal,
    headers: [...host, ...headers, ...length].flat(),
  });
  try {
    const answered = once(asked, "response", { signal });
    asked.end(body);
    const [reply] = await answered;
    for await (const _ of reply);
    return { status: reply.statusCode, general: reply.headers["cache-control"] === "private, no-store, no-transform" };
  } catch {
    return { status: signal.aborted ? 0 : -1, general: false };
  }
}
