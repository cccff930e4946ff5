import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { inProcess } from "../support/in-process.js";
import { type Outsider, outsider, part, somebody } from "../support/outsider.js";
import { session } from "../support/site.js";
import { idOf, pushService } from "./push-service.js";

const prefix = `push-${randomUUID().slice(0, 8)}:`;
const chat = inProcess({ prefix }, { CHAT_STORE: "upstash" });
const service = await pushService();
afterAll(async () => {
  await chat.stop();
  await service.close();
});

const subscription = (more: object = {}) => ({
  ...service.device(),
  endpoint: `https://push.example.net/${randomUUID()}`,
  ...more,
});

/** The endpoints of a user's devices, as the host's server can export them. */
async function endpoints(who: Outsider): Promise<unknown[]> {
  const headers = { authorization: `Bearer ${await session("server", { scope: "chat:server" })}` };
  const exported = await chat.fetch(`server/export?entity=${encodeURIComponent(who.entity)}`, { headers });
  const text = await exported.text();
  const lines: unknown[] = text
    .split("\n")
    .filter(Boolean)
    .map((it) => JSON.parse(it));
  return lines.flatMap((it) => Reflect.get(Object(Reflect.get(Object(it), "device")), "endpoint") ?? []);
}

describe("the public key of pushes", () => {
  test("is made once, and the same on every instance", async () => {
    const other = inProcess({ prefix });
    const [ann, ben] = [await outsider(chat, somebody()), await outsider(other, somebody())];
    const keys = await Promise.all([ann, ben, ann].map(async (it) => part(await it.call("GET", "push"), "publicKey")));
    expect(keys[0]).toMatch(/^B[\w-]{86}$/);
    expect(new Set(keys).size).toBe(1);
    await other.stop();
  });

  test("is not there where pushes are off, and no device is subscribed", async () => {
    const off = inProcess({ prefix, push: false });
    const ann = await outsider(off, somebody());
    expect(await ann.call("GET", "push")).toMatchObject({ status: 404, json: { code: "not_found" } });
    expect(await ann.call("POST", "push", subscription())).toMatchObject({ status: 404 });
    // Whatever the request brings: it is not to be mended.
    expect(await ann.call("POST", "push", { endpoint: "none" })).toMatchObject({ status: 404 });
    expect((await ann.call("DELETE", "push/none")).status).toBe(204);
    await off.stop();
  });

  test("needs a credential", async () => {
    expect((await chat.call("GET", "push")).status).toBe(401);
    expect((await chat.call("POST", "push", { body: subscription() })).status).toBe(401);
  });
});

describe("a device", () => {
  test("is subscribed under the SHA-256 of its endpoint, as often as one likes, and forgotten", async () => {
    const ann = await outsider(chat, somebody());
    const it = subscription({ page: "/chat" });
    for (let i = 0; i < 2; i++)
      expect(await ann.call("POST", "push", it)).toMatchObject({ status: 201, json: { id: idOf(it) } });
    expect(await endpoints(ann)).toEqual([it.endpoint]);
    for (let i = 0; i < 2; i++) expect((await ann.call("DELETE", `push/${idOf(it)}`)).status).toBe(204);
    expect(await endpoints(ann)).toEqual([]);
    for (const none of ["x", "%00"]) expect((await ann.call("DELETE", `push/${none}`)).status).toBe(204);
  });

  test("of a guest are two, those that subscribed last", async () => {
    const gus = await outsider(chat, somebody(), { actor: { objectType: "guest" } });
    const all = Array.from({ length: 4 }, () => subscription());
    for (const it of all) {
      await gus.call("POST", "push", it);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect((await endpoints(gus)).toSorted()).toEqual(
      all
        .slice(2)
        .map(({ endpoint }) => endpoint)
        .toSorted(),
    );
  });

  test("that is the eleventh of a user takes the place of the first", async () => {
    const ann = await outsider(chat, somebody());
    const all = Array.from({ length: 11 }, () => subscription());
    for (const it of all) await ann.call("POST", "push", it);
    expect((await endpoints(ann)).toSorted()).toEqual(
      all
        .slice(1)
        .map(({ endpoint }) => endpoint)
        .toSorted(),
    );
  });

  test("of another user is not forgotten", async () => {
    const [ann, ben] = [await outsider(chat, somebody()), await outsider(chat, somebody())];
    const it = subscription();
    await ann.call("POST", "push", it);
    expect((await ben.call("DELETE", `push/${idOf(it)}`)).status).toBe(204);
    expect(await endpoints(ann)).toEqual([it.endpoint]);
  });

  test("gets nothing any more when all tokens of its user are revoked", async () => {
    const ann = await outsider(chat, somebody());
    await ann.call("POST", "push", subscription());
    const headers = { authorization: `Bearer ${await session(ann.entity)}` };
    expect((await chat.call("DELETE", "token", { headers })).status).toBe(204);
    expect(await endpoints(ann)).toEqual([]);
    const again = await outsider(chat, ann.entity);
    await again.call("POST", "push", subscription());
    const server = { authorization: `Bearer ${await session("server", { scope: "chat:server" })}` };
    const query = `entity=${encodeURIComponent(ann.entity)}`;
    expect((await chat.call("DELETE", `server/tokens?${query}`, { headers: server })).status).toBe(204);
    expect(await endpoints(ann)).toEqual([]);
  });

  test.each([
    ["http", { endpoint: "http://push.example.net/1" }, "endpoint"],
    ["a private address", { endpoint: "https://10.0.0.1/1" }, "endpoint"],
    ["this machine", { endpoint: "https://127.0.0.1/1" }, "endpoint"],
    ["an address of IPv6 that leads here", { endpoint: "https://[::ffff:127.0.0.1]/1" }, "endpoint"],
    ["a name of this machine", { endpoint: "https://localhost/1" }, "endpoint"],
    ["a name of the network", { endpoint: "https://printer.local./1" }, "endpoint"],
    ["a name without a domain", { endpoint: "https://intranet/1" }, "endpoint"],
    ["a port of its own", { endpoint: "https://push.example.net:8443/1" }, "endpoint"],
    ["a password", { endpoint: "https://ann:secret@push.example.net/1" }, "endpoint"],
    ["no URL", { endpoint: "push" }, "endpoint"],
    ["another protocol", { endpoint: "file:///etc/passwd" }, "endpoint"],
    ["a long endpoint", { endpoint: `https://push.example.net/${"x".repeat(2_048)}` }, "endpoint"],
    ["no keys", { keys: undefined }, "keys"],
    ["a key that is no point", { keys: { p256dh: "B".repeat(87), auth: "x".repeat(22) } }, "keys.p256dh"],
    ["a short secret", { keys: { ...service.device().keys, auth: "x" } }, "keys.auth"],
    ["a long page", { page: "/".repeat(1_025) }, "page"],
  ])("with %s is refused", async (_, more, path) => {
    const ann = await outsider(chat, somebody());
    expect(await ann.call("POST", "push", subscription(more))).toMatchObject({
      status: 400,
      json: { code: "invalid", issues: [{ path }] },
    });
  });
});
