import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fastify, { type FastifyInstance } from "fastify";
import { type Context, Hono } from "hono";
import * as v from "valibot";
import { afterEach, describe, expect, test } from "vitest";
import { createChat } from "../../lib/mount/mounted-chat.js";
import { chat } from "../../lib/mount/node.js";

// The frameworks themselves, with the lines of docs/integrate-node.md.

const Token = v.looseObject({ token: v.string(), cursor: v.string() });
const Sent = v.looseObject({ results: v.array(v.looseObject({ type: v.string() })) });
const Granted = v.object({ upload: v.object({ url: v.string(), headers: v.record(v.string(), v.string()) }) });
const Answer = v.looseObject({ cursor: v.string(), stanzas: v.array(v.looseObject({ type: v.string() })) });
const JSON_TYPE = { "content-type": "application/json" };

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

type Ask = (path: string, init: RequestInit & { headers: Record<string, string> }) => Promise<Response>;

/** Lets Ann write to Ben through an application, and returns the texts that Ben's poll brings. */
async function converse(ask: Ask): Promise<unknown[]> {
  const admit = async (user: string) =>
    v.parse(Token, await (await ask("token", { method: "POST", headers: { "x-user": user } })).json());
  const [ann, ben] = await Promise.all([admit("ann"), admit("ben")]);
  const body = JSON.stringify({ type: "message", message: { to: ["ben"], text: "Hello, Ben" } });
  const sent = await ask(`send/${ann.token}`, { method: "POST", headers: JSON_TYPE, body });
  expect(v.parse(Sent, await sent.json()).results).toHaveLength(1);
  // What else there is, such as Ann's presence, may come before it.
  for (let { cursor } = ben; ; ) {
    const response = await ask(`stream/${ben.token}?wait=20&cursor=${cursor}`, { headers: {} });
    const answer = v.parse(Answer, await response.json());
    const messages = answer.stanzas.flatMap((it) => (it.type === "message" ? [it.message] : []));
    if (messages.length > 0) return messages;
    cursor = answer.cursor;
  }
}

const PNG = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(2_000_000)]);
// Parsed, and written again, it would be shorter.
const LIST = Buffer.from("[1,\n  2]\n");

/** Lets Ann upload a file through an application, and returns the status. */
async function upload(ask: Ask, type: string, content: Buffer<ArrayBuffer>): Promise<number> {
  const headers = { ...JSON_TYPE, "x-user": "ann" };
  const { token } = v.parse(Token, await (await ask("token", { method: "POST", headers })).json());
  const body = JSON.stringify({ name: "x", type, size: content.length });
  const granted = await ask("files", {
    method: "POST",
    headers: { ...headers, authorization: `Bearer ${token}` },
    body,
  });
  const { upload } = v.parse(Granted, await granted.json());
  const path = upload.url.slice("/nereid-chat/".length);
  return (await ask(path, { method: "PUT", headers: upload.headers, body: content })).status;
}

describe("Hono", () => {
  test("passes its request and context on, and the chat's response back", async () => {
    const mounted = createChat<Context>({
      log: "silent",
      user: (_, context) => {
        const id = context?.get("user");
        return typeof id === "string" ? { id } : undefined;
      },
    });
    ending.push(() => mounted.close());
    const app = new Hono<{ Variables: { user: string | undefined } }>();
    app.use(async (context, next) => {
      context.set("user", context.req.header("x-user"));
      await next();
    });
    app.all("/nereid-chat/*", (context) => mounted.fetch(context.req.raw, context));
    app.get("/", (context) => context.text("the shop"));
    const ask: Ask = async (path, init) => app.request(`http://localhost/nereid-chat/${path}`, init);
    expect(await converse(ask)).toEqual([expect.objectContaining({ text: "Hello, Ben" })]);
    expect((await ask("token", { method: "POST", headers: {} })).status).toBe(401);
    expect(await (await app.request("/")).text()).toBe("the shop");
    expect((await ask("client.js", { headers: {} })).headers.get("content-type")).toMatch(/javascript/);
  });
});

describe("Fastify", () => {
  const handler = (settings: { filesFolder?: string } = {}) => {
    const mounted = chat({
      ...settings,
      log: "silent",
      user: (request) => {
        const id = request.headers.get("x-user");
        return id === null ? undefined : { id };
      },
    });
    ending.push(() => mounted.close());
    return mounted;
  };
  const start = async (app: FastifyInstance): Promise<Ask> => {
    ending.push(() => app.close());
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    return (path, init) => fetch(`${url}/nereid-chat/${path}`, init);
  };

  test("leaves bodies to the chat, and lets it answer in its place", async () => {
    const filesFolder = await mkdtemp(join(tmpdir(), "chat-fastify-"));
    ending.push(() => rm(filesFolder, { recursive: true, force: true }));
    const mounted = handler({ filesFolder });
    const app = fastify({ forceCloseConnections: true });
    app.register(async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
      scope.all("/nereid-chat/*", mounted);
    });
    app.get("/", () => "the shop");
    app.post("/orders", ({ body }) => ({ body }));
    const ask = await start(app);
    expect(await converse(ask)).toEqual([expect.objectContaining({ text: "Hello, Ben" })]);
    expect((await ask("token", { method: "POST", headers: {} })).status).toBe(401);
    const malformed = await ask("send", { method: "POST", headers: { ...JSON_TYPE, "x-user": "ann" }, body: "{" });
    expect(malformed.headers.get("content-type")).toBe("application/problem+json");
    expect(await upload(ask, "image/png", PNG)).toBe(204);
    expect(await upload(ask, "application/json", LIST)).toBe(204);
    expect((await app.inject("/")).body).toBe("the shop");
    expect((await app.inject({ method: "POST", url: "/orders", payload: { of: 2 } })).json()).toEqual({
      body: { of: 2 },
    });
  });

  test("may have parsed bodies", async () => {
    const app = fastify({ forceCloseConnections: true });
    app.all("/nereid-chat/*", handler());
    expect(await converse(await start(app))).toEqual([expect.objectContaining({ text: "Hello, Ben" })]);
  });
});
