import { randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import * as v from "valibot";
import { afterAll, describe, expect, inject, it } from "vitest";
import type { ChatOptions } from "../../lib/config.js";
import { createKeys } from "../../lib/store/keys.js";
import { gate } from "../support/gate.js";
import { type InProcess, inProcess } from "../support/in-process.js";

const store = inject("bridge") ?? { url: "http://127.0.0.1:1", token: "none" };
const { token } = store;
const stops: (() => unknown)[] = [];
afterAll(async () => {
  for (const stop of stops) await stop();
});

const newPrefix = () => `k${randomBytes(4).toString("hex")}:`;

/** An instance of a deployment that was given no secret. */
function instance(
  prefix: string,
  options: ChatOptions = {},
  environment: Record<string, string | undefined> = {},
): InProcess {
  const made = inProcess({ prefix, ...options }, { CHAT_JWT_SECRET: undefined, ...environment });
  stops.push(made.stop);
  return made;
}

const Shown = v.object({ secret: v.pipe(v.string(), v.minLength(43)) });
const ask = (at: InProcess, given: unknown = token) => at.call("POST", "setup", { body: { token: given } });
const guest = (at: InProcess) => at.call("POST", "token", { body: { displayName: "Ann" } });
const cookieOf = ({ headers }: { headers: Headers }) => headers.get("set-cookie")?.split(";")[0] ?? "";

async function session(at: InProcess, secret: string): Promise<number> {
  const jwt = new SignJWT({ sub: "user,1" }).setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h");
  const authorization = `Bearer ${await jwt.sign(new TextEncoder().encode(secret))}`;
  return (await at.call("POST", "token", { headers: { authorization } })).status;
}

async function kept(prefix: string): Promise<unknown> {
  const body = JSON.stringify(["HGET", createKeys(prefix).secret, "value"]);
  const reply = await fetch(store.url, { method: "POST", headers: { authorization: `Bearer ${token}` }, body });
  return v.parse(v.object({ result: v.unknown() }), await reply.json()).result;
}

describe("a deployment that was given no secret", () => {
  it("makes one: several instances that start at once agree on it", async () => {
    const prefix = newPrefix();
    const instances = Array.from({ length: 6 }, () => instance(prefix));
    const guests = await Promise.all(instances.map(guest));
    expect(guests.map(({ status }) => status)).toEqual(instances.map(() => 200));
    for (const made of guests)
      for (const at of instances) {
        const { status } = await at.call("GET", "threads", { headers: { cookie: cookieOf(made) } });
        expect(status).toBe(200);
      }
    const { secret } = v.parse(Shown, (await ask(instance(prefix))).json);
    expect(await kept(prefix)).toBe(secret);
    expect(await Promise.all(instances.map((at) => session(at, secret)))).toEqual(instances.map(() => 200));
  });

  it("shows it once to the holder of the store's token", async () => {
    const at = instance(newPrefix());
    expect(await ask(at, "wrong")).toMatchObject({
      status: 401,
      json: { code: "unauthenticated", detail: "This is not the store's token" },
    });
    expect(await ask(at, "")).toMatchObject({ status: 401 });
    expect(await ask(at, `${token} `)).toMatchObject({ status: 401 });
    expect(await ask(at)).toMatchObject({ status: 200, json: { secret: expect.stringMatching(/^[\w-]{43}$/) } });
    expect(await ask(at)).toMatchObject({
      status: 404,
      json: { code: "not_found", detail: "The secret was shown already" },
    });
    expect(await ask(at, "wrong")).toMatchObject({ status: 401 });
  });

  it("shows it to one of several who ask at once", async () => {
    const prefix = newPrefix();
    const replies = await Promise.all(Array.from({ length: 6 }, () => ask(instance(prefix))));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404, 404, 404]);
  });

  it("takes a form, too", async () => {
    const body = new URLSearchParams({ token });
    expect((await instance(newPrefix()).fetch("setup", { method: "POST", body })).status).toBe(200);
  });

  it("shows it although the store's answer was lost on the way", async () => {
    const [prefix, between] = [newPrefix(), await gate(store.url)];
    stops.push(between.stop);
    const at = instance(prefix, { redisUrl: between.url });
    const held = between.hold(createKeys(prefix).secret);
    const reply = ask(at);
    await held.arrived;
    held.lose();
    expect(await reply).toMatchObject({ status: 200, json: { secret: await kept(prefix) } });
  });

  it("refuses sessions of another secret, and tries again when the store returns", async () => {
    const prefix = newPrefix();
    const between = await gate(store.url);
    const at = instance(prefix, { redisUrl: between.url });
    between.pace(() => Promise.reject(new Error("away")));
    expect(await session(at, "another secret of thirty-two bytes")).toBe(503);
    expect((await guest(at)).status).toBe(503);
    between.pace(undefined);
    const { secret } = v.parse(Shown, (await ask(at)).json);
    expect(await session(at, secret)).toBe(200);
    expect(await session(at, "another secret of thirty-two bytes")).toBe(401);
    between.stop();
  });

  it("bounds guesses of the store's token by their address", async () => {
    const at = instance(newPrefix(), {}, { CHAT_RATE_TOKEN: "3" });
    const replies = [];
    for (let i = 0; i < 4; i++) replies.push((await ask(at, `guess ${i}`)).status);
    expect(replies).toEqual([401, 401, 401, 429]);
    expect((await ask(at)).status).toBe(429);
  });

  it("names a field that is missing", async () => {
    const reply = await instance(newPrefix()).call("POST", "setup", { body: {} });
    expect(reply).toMatchObject({ status: 400, json: { code: "invalid", issues: [{ path: "token" }] } });
    expect((await instance(newPrefix()).call("GET", "setup")).status).toBe(405);
  });
});

describe("a deployment that verifies sessions in another way", () => {
  it.each<[string, ChatOptions]>([
    ["a secret", { jwtSecret: "a secret that has thirty-two bytes" }],
    ["a key set", { jwksUrl: "http://127.0.0.1:1/keys", guests: false }],
    ["the host's own sessions", { user: () => ({ id: "ann" }), guests: false }],
  ])("by %s makes none, and shows none", async (_, options) => {
    const prefix = newPrefix();
    const at = instance(prefix, options);
    await session(at, "another secret of thirty-two bytes");
    await guest(at);
    expect(await ask(at)).toMatchObject({ status: 404, json: { code: "not_found" } });
    expect(await ask(at, "wrong")).toMatchObject({ status: 404 });
    expect(await kept(prefix)).toBe(null);
  });
});
