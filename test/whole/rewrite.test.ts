import * as v from "valibot";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createChat } from "../../lib/chat.js";
import { serve } from "../../local/serve.js";
import { front } from "../cli/front.js";

// A site at https://app.test that rewrites /nereid-chat/* to a deployment elsewhere: its pages use the chat as their own origin.

const stops: (() => unknown)[] = [];
let site: string;

beforeAll(async () => {
  const chat = createChat({ log: "silent" }, process.env);
  const deployment = await serve({
    host: "127.0.0.1",
    port: 0,
    folder: "public",
    chat: { base: "/nereid-chat", fetch: chat.fetch },
  });
  const rewriting = await front(deployment.url, {
    up(headers) {
      headers.set("x-forwarded-host", "app.test");
      headers.set("x-forwarded-proto", "https");
    },
  });
  site = rewriting.url;
  stops.push(rewriting.stop, deployment.stop, () => chat.close());
});
afterAll(async () => {
  for (const stop of stops) await stop();
});

const Made = v.object({ token: v.string() });

const ask = (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
  fetch(`${site}/nereid-chat/${path}`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

test("a page of the site gets a cookie of the site, and uses the chat by it", async () => {
  const made = await ask("POST", "token", { origin: "https://app.test" }, { displayName: "Ann" });
  const [cookie = ""] = made.headers.getSetCookie();
  expect(cookie).toMatch(/; HttpOnly; SameSite=Lax; Secure$/);
  const session = { cookie: cookie.split(";")[0] ?? "" };
  const room = { kind: "room", members: [], subject: "Tea" };
  expect((await ask("POST", "threads", { ...session, origin: "https://app.test" }, room)).status).toBe(201);
  expect((await ask("POST", "threads", { ...session, origin: "https://evil.test" }, room)).status).toBe(403);
});

test("a live stream passes as it is written", async () => {
  const made = v.parse(Made, await (await ask("POST", "token", {}, { displayName: "Ben" })).json());
  const began = performance.now();
  const response = await ask("GET", `stream/${made.token}?live=1&wait=3`, { accept: "text/event-stream" });
  const { value } = (await response.body?.getReader().read()) ?? {};
  expect(new TextDecoder().decode(value)).toMatch(/^retry: \d+/);
  expect(performance.now() - began).toBeLessThan(2_000);
});
