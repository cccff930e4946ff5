import { once } from "node:events";
import { createServer, type RequestListener, request, type Server } from "node:http";
import { connect } from "node:net";
import * as v from "valibot";
import { afterEach, describe, expect, test } from "vitest";
import type { MountOptions } from "../../lib/mount/mounted-chat.js";
import { chat, type NodeRequest } from "../../lib/mount/node.js";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

const handler = (options: MountOptions<NodeRequest> = {}) =>
  chat({ log: "silent", user: (request) => ({ id: request.headers.get("x-user") ?? "ann" }), ...options });

const Token = v.looseObject({ token: v.string(), cursor: v.string() });

async function token(url: string, id: string): Promise<v.InferOutput<typeof Token>> {
  const response = await fetch(`${url}/nereid-chat/token`, { method: "POST", headers: { "x-user": id } });
  return v.parse(Token, await response.json());
}

const hello = (to: string) => JSON.stringify({ type: "message", message: { to: [to], text: "Hello" } });
const JSON_TYPE = { "content-type": "application/json" };

/** Sends bytes and returns what comes back until the connection ends. */
async function raw(url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.end(text);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe("node:http", () => {
  test("has a conversation: tokens, a held poll, a message", async () => {
    const url = await serve(handler());
    const [ann, ben] = await Promise.all([token(url, "ann"), token(url, "ben")]);
    const poll = fetch(`${url}/nereid-chat/stream/${ben.token}?wait=20&cursor=${ben.cursor}`);
    const sent = await fetch(`${url}/nereid-chat/send/${ann.token}`, {
      method: "POST",
      body: hello("ben"),
      headers: JSON_TYPE,
    });
    expect(sent.status).toBe(200);
    expect(await (await poll).text()).toContain("Hello");
  });

  test("streams events as they happen, and lets go when the client disconnects", async () => {
    let left: Promise<unknown> | undefined;
    const mounted = handler();
    const url = await serve((asked, answer) => {
      if (asked.url?.includes("live=1")) left = once(answer, "close");
      return mounted(asked, answer);
    });
    const [ann, ben] = await Promise.all([token(url, "ann"), token(url, "ben")]);
    const gone = new AbortController();
    const live = await fetch(`${url}/nereid-chat/stream/${ben.token}?live=1&cursor=${ben.cursor}`, {
      signal: gone.signal,
      headers: { accept: "text/event-stream" },
    });
    const reader = live.body?.pipeThrough(new TextDecoderStream()).getReader();
    await reader?.read();
    await fetch(`${url}/nereid-chat/send/${ann.token}`, { method: "POST", body: hello("ben"), headers: JSON_TYPE });
    let text = "";
    while (!text.includes("Hello")) text += (await reader?.read())?.value ?? "";
    gone.abort();
    await left;
    expect((await fetch(`${url}/nereid-chat/health`)).status).toBe(200);
  });

  test("answers HEAD without a body, and closes no connection after it", async () => {
    const url = await serve(handler());
    const response = await fetch(`${url}/nereid-chat/client.js`, { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
    expect(Number(response.headers.get("content-length"))).toBeGreaterThan(1_000);
  });

  test("refuses what is malformed with a problem", async () => {
    const url = await serve(handler());
    const head = "Connection: close\r\n\r\n";
    for (const line of ["GET /nereid-chat/health HTTP/1.1\r\nHost: a b\r\n", "TRACE / HTTP/1.1\r\nHost: a\r\n"])
      expect(await raw(url, line + head)).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"invalid"/);
  });

  test("takes a path with two slashes at its beginning for a path, not for a host", async () => {
    const url = await serve(handler());
    const text = await raw(url, "GET //evil.test/nereid-chat/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(text).toMatch(/^HTTP\/1\.1 404 /);
  });

  test("limits by the address of the connection, whatever a header claims", async () => {
    const mounted = chat({ log: "silent", guests: true, rateGuest: 1 });
    const url = await serve(mounted);
    const join = (address: string) =>
      fetch(`${url}/nereid-chat/token`, {
        method: "POST",
        body: JSON.stringify({ displayName: "Gus" }),
        headers: { ...JSON_TYPE, "x-real-ip": address },
      });
    expect([(await join("10.0.0.1")).status, (await join("10.0.0.2")).status]).toEqual([200, 429]);
  });
});

describe("Express", () => {
  test("may have parsed the body and taken its own path off the URL", async () => {
    const mounted = handler();
    const url = await serve(async (asked, answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of asked) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const parsed = { originalUrl: asked.url, url: asked.url?.replace("/nereid-chat", ""), ip: "10.0.0.9" };
      await mounted(Object.assign(asked, parsed, { body: text === "" ? {} : JSON.parse(text) }), answer);
    });
    const ann = await token(url, "ann");
    const path = `${url}/nereid-chat/send/${ann.token}`;
    const sent = await fetch(path, { method: "POST", body: hello("ben"), headers: JSON_TYPE });
    expect(sent.status).toBe(200);
  });

  test("gets other paths back, and gives the session with the request", async () => {
    const mounted = chat<NodeRequest & { session?: { id: string } }>({
      log: "silent",
      user: (_, asked) => asked?.session,
    });
    const url = await serve((asked, answer) =>
      mounted(Object.assign(asked, { session: { id: "cat" } }), answer, () => answer.writeHead(299).end()),
    );
    expect((await fetch(`${url}/nereid-chats`)).status).toBe(299);
    expect((await fetch(`${url}/`)).status).toBe(299);
    expect(await token(url, "")).toMatchObject({ actor: { id: "cat" } });
  });
});

describe("Fastify", () => {
  test("hands over its request with the parsed body, and its reply", async () => {
    const mounted = handler();
    let hijacked = 0;
    const url = await serve(async (asked, answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of asked) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const body = text === "" ? undefined : JSON.parse(text);
      await mounted({ raw: asked, body, ip: "10.0.0.9" }, { raw: answer, hijack: () => hijacked++ });
    });
    const ann = await token(url, "ann");
    const path = `${url}/nereid-chat/send/${ann.token}`;
    const sent = await fetch(path, { method: "POST", body: hello("ben"), headers: JSON_TYPE });
    expect([sent.status, hijacked]).toEqual([200, 2]);
  });
});

test("a slow reader gets all of a large answer", async () => {
  const url = await serve(handler());
  const whole = await (await fetch(`${url}/nereid-chat/widget.js`)).arrayBuffer();
  const size = await new Promise<number>((resolve, reject) => {
    request(`${url}/nereid-chat/widget.js`, async (answer) => {
      let read = 0;
      for await (const chunk of answer) {
        read += chunk.length;
        await new Promise((done) => setTimeout(done, 2));
      }
      resolve(read);
    })
      .on("error", reject)
      .end();
  });
  expect(size).toBe(whole.byteLength);
});
