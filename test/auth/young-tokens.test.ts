import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type InProcess, inProcess } from "../support/in-process.js";
import { somebody } from "../support/outsider.js";
import { session } from "../support/site.js";

let chat: InProcess;
let cookie: Record<string, string>;
let ann: string;
let ben: { token: string; entity: string };
beforeEach(async () => {
  chat = inProcess();
  ann = somebody("ann");
  ben = await chat.token(somebody("ben"));
  cookie = { cookie: `chat_session=${await session(ann)}` };
});
afterEach(() => chat.stop());

const Made = v.object({ token: v.string() });
const EVENTS = { accept: "text/event-stream" };

async function make(headers = cookie, body?: object): Promise<string> {
  const { json } = await chat.call("POST", "token", { headers, ...(body === undefined ? {} : { body }) });
  return v.parse(Made, json).token;
}

/** Reads an event stream without a position, which ends when something has arrived. */
async function listen(path: string, headers: Record<string, string> = {}): Promise<string[]> {
  const { text } = await chat.call("GET", `${path}?wait=5`, { headers: { ...EVENTS, ...headers } });
  return [...text.matchAll(/"text":"(\w+)"/g)].map(([, said = ""]) => said);
}

/** Follows the session's stream up to a first message. */
async function startSession(): Promise<void> {
  const first = listen("stream", cookie);
  await present();
  await say("one");
  expect(await first).toEqual(["one"]);
}

/** Waits until a stream that was asked for before is held. */
async function present(): Promise<void> {
  await chat.call("GET", "friends", { headers: cookie });
}

async function say(text: string): Promise<void> {
  const { status } = await chat.call("POST", `send/${ben.token}`, {
    body: { type: "message", message: { to: [ann], text } },
  });
  expect(status).toBe(200);
}

describe("a session that a browser sends by itself", () => {
  it("is given the same token again, and another one when it asks for that", async () => {
    const token = await make();
    expect(await make()).toBe(token);
    expect(await make(cookie, { fresh: true })).not.toBe(token);
  });

  it("is given one token when its tabs ask at once, and another one by each that asks for that", async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => make()));
    expect(new Set(all).size).toBe(1);
    const own = await Promise.all(Array.from({ length: 3 }, () => make(cookie, { fresh: true })));
    expect(new Set([...own, ...all]).size).toBe(4);
  });

  it("is given none that was revoked while another tab waited for it", async () => {
    const [one, two] = [make(), make()];
    const token = await one;
    expect(await two).toBe(token);
    await chat.call("DELETE", "token", { headers: cookie });
    expect(await make()).not.toBe(token);
  });

  it("is given another one when the first was revoked", async () => {
    const token = await make();
    await chat.call("DELETE", `token/${token}`);
    expect(await make()).not.toBe(token);
  });

  it("is given another one than a session that is sent as a bearer, which never shares", async () => {
    const bearer = { authorization: `Bearer ${await session(ann)}` };
    expect(new Set([await make(), await make(bearer), await make(bearer)]).size).toBe(3);
  });
});

describe("a session that may share a token of its user", () => {
  let limited: InProcess;
  beforeEach(() => {
    limited = inProcess({}, { CHAT_RATE_TOKEN: "3" });
  });
  afterEach(() => limited.stop());

  const ask = async (body: object | undefined, claims = {}) => {
    const headers = { authorization: `Bearer ${await session(ann, claims)}` };
    const { status, json } = await limited.call("POST", "token", body === undefined ? { headers } : { headers, body });
    return status === 200 ? v.parse(Made, json).token : status;
  };
  const spend = async () => [await ask({ shared: true }), await ask({ shared: true }), await ask({ shared: true })];

  it("is given one of its own until those of a minute are used up, and then the last of these", async () => {
    const own = await spend();
    expect(new Set(own).size).toBe(3);
    expect([await ask({ shared: true }), await ask({ shared: true })]).toEqual([own[2], own[2]]);
  });

  it("is refused if it does not say so, if that one was revoked, and if it describes its user otherwise", async () => {
    const [, , last] = await spend();
    expect([await ask(undefined), await ask({}), await ask({ shared: false })]).toEqual([429, 429, 429]);
    expect([await ask({ shared: true }, { name: "Ann" }), await ask({ shared: true }, { contacts: ["x"] })]).toEqual([
      429, 429,
    ]);
    await limited.call("DELETE", `token/${last}`);
    expect(await ask({ shared: true })).toBe(429);
  });
});

describe("a session that is sent as a bearer and names the session of the host", () => {
  const bearer = async (entity: string, claims: object) => ({
    authorization: `Bearer ${await session(entity, { ...claims })}`,
  });

  it("is given the same token again, by any JWT of that session, beyond the tokens of a minute", async () => {
    const tokens = new Set<string>();
    for (let view = 0; view < 12; view++)
      tokens.add(await make(await bearer(ann, { sid: "s1", iat: 1_700_000_000 + view })));
    expect(tokens.size).toBe(1);
  });

  it("shares it with no other session, no other user, and nobody of other rights", async () => {
    const tokens = [
      await make(await bearer(ann, { sid: "s1" })),
      await make(await bearer(ann, { sid: "s2" })),
      await make(await bearer(ann, {})),
      await make(await bearer(somebody("ben"), { sid: "s1" })),
      await make(await bearer(ann, { sid: "s1", contacts: ["x"] })),
      await make(await bearer(ann, { sid: 1 })),
      await make(await bearer(ann, { sid: "" })),
    ];
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  it("is given another one when all were revoked", async () => {
    const headers = await bearer(ann, { sid: "s1" });
    const token = await make(headers);
    expect((await chat.call("DELETE", "token", { headers })).status).toBe(204);
    expect(await make(headers)).not.toBe(token);
  });
});

describe("an event stream without a position, after a request for a token,", () => {
  it("continues where the one of the token ended", async () => {
    const token = await make();
    await say("one");
    expect(await listen(`stream/${token}`)).toEqual(["one"]);
    await say("two");
    await make();
    await say("three");
    expect(await listen(`stream/${token}`)).toEqual(["two", "three"]);
  });

  it("continues where the one of the session ended, whether it is the session's or the token's", async () => {
    await startSession();
    await say("two");
    const token = await make();
    await say("three");
    expect(await listen("stream", cookie)).toEqual(["two", "three"]);
    expect(await listen(`stream/${token}`)).toEqual(["two", "three"]);
  });

  it("is not moved by another that was answered meanwhile, and perhaps closed before the answer came", async () => {
    await startSession();
    await make();
    await say("two");
    for (let i = 0; i < 2; i++) expect(await listen("stream", cookie)).toEqual(["two"]);
  });

  it("leaves the client time to replace it, before its browser reopens it", async () => {
    const token = await make();
    const retry = async (path: string) => {
      const { text } = await chat.call("GET", `${path}?wait=0`, { headers: { ...EVENTS, ...cookie } });
      return /^retry: (\d+)/.exec(text)?.[1];
    };
    expect([await retry("stream"), await retry(`stream/${token}`)]).toEqual(["100", "100"]);
    await make();
    expect([await retry("stream"), await retry(`stream/${token}`)]).toEqual(["2000", "2000"]);
  });

  it("begins with the present for a session that asked for no token", async () => {
    await startSession();
    await say("two");
    const next = listen("stream", cookie);
    await present();
    await say("three");
    expect(await next).toEqual(["three"]);
  });
});
