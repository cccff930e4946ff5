import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { serve } from "../../local/serve.js";

const LARGE = "words that repeat\n".repeat(500);

let root: string;
let server: { url: string; stop(): Promise<void> };
let aborted = 0;

// Stands for the chat: answers by path, and echoes a request to any other path.
async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/chat/held") return held(request);
  if (pathname === "/chat/ticks") return ticks(request);
  if (pathname === "/chat/slow") return delay(200).then(() => new Response("done"));
  if (pathname === "/chat/broken") throw new Error("secret");
  return echo(request);
}

async function echo(request: Request): Promise<Response> {
  const { method, url } = request;
  return Response.json({ method, url, headers: Object.fromEntries(request.headers), body: await request.text() });
}

async function held(request: Request): Promise<Response> {
  await new Promise((resolve) => request.signal.addEventListener("abort", resolve, { once: true }));
  aborted++;
  return new Response("late");
}

function ticks(request: Request): Response {
  let timer: NodeJS.Timeout;
  const stop = () => {
    clearInterval(timer);
    aborted++;
  };
  request.signal.addEventListener("abort", stop, { once: true });
  const body = new ReadableStream({
    start(controller) {
      timer = setInterval(() => controller.enqueue(new TextEncoder().encode("data: tick\n\n")), 20);
    },
    cancel: () => clearInterval(timer),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

const start = (port = 0) =>
  serve({ host: "localhost", port, chat: { base: "/chat", fetch: answer }, folder: join(root, "public") });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "chat-serve-"));
  for (const folder of ["chat", "assets"]) await mkdir(join(root, "public", folder), { recursive: true });
  await writeFile(join(root, "secret.txt"), "secret");
  await writeFile(join(root, "public/index.html"), "<h1>Hello</h1>");
  await writeFile(join(root, "public/large.txt"), LARGE);
  await writeFile(join(root, "public/chat/widget.js"), "export {};");
  server = await start();
});

beforeEach(() => {
  aborted = 0;
});

afterAll(async () => {
  await server.stop();
  await rm(root, { recursive: true });
});

/** Writes bytes to the server and reads all it answers until it closes. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  socket.write(bytes);
  let answer = "";
  socket.on("data", (chunk) => {
    answer += chunk;
  });
  socket.on("error", () => {});
  await once(socket, "close");
  return answer;
}

test("the chat sees the original URL, the method and the body", async () => {
  const response = await fetch(`${server.url}/chat/echo/a%2Fb?x=1&token=2`, { method: "POST", body: "hello" });
  expect(await response.json()).toMatchObject({
    method: "POST",
    url: `${server.url}/chat/echo/a%2Fb?x=1&token=2`,
    body: "hello",
  });
});

test("the address of the socket is told, whatever the client claims", async () => {
  const claims = { "x-real-ip": "1.1.1.1", "x-forwarded-for": "2.2.2.2" };
  const response = await fetch(`${server.url}/chat/echo`, { headers: claims });
  expect(await response.json()).toMatchObject({ headers: { "x-real-ip": "127.0.0.1" } });
});

test("an HTTP/1.0 client is known by its Via, and gets an answer it can read", async () => {
  const old = await raw("GET /chat/echo HTTP/1.0\r\nVia: 1.1 proxy\r\n\r\n");
  expect(old).toMatch(/^HTTP\/1\.1 200/);
  expect(old).not.toMatch(/transfer-encoding/i);
  expect(old).toContain('"via":"1.1 proxy, 1.0 local"');
  expect(await raw("GET /chat/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).not.toContain('"via"');
});

test("every method reaches the chat, which refuses what it does not have", async () => {
  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
    const response = await fetch(`${server.url}/chat/echo`, { method });
    expect(await response.json()).toMatchObject({ method });
  }
  const head = await fetch(`${server.url}/chat/echo`, { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
  expect(await raw("config /chat/echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).toMatch(/^HTTP\/1.1 4\d\d/);
});

test("the chat answers its base path and what is below, and nothing beside", async () => {
  for (const path of ["/chat", "/chat/", "/chat/a/b", "/chat/a%2Fb", "/chat//"]) {
    expect(await (await fetch(`${server.url}${path}`)).json()).toMatchObject({ url: `${server.url}${path}` });
  }
  for (const path of ["/chatter", "/other/chat/echo", "/chat%2Fecho", "/Chat/echo"]) {
    const response = await fetch(`${server.url}${path}`);
    expect([response.status, await response.text()]).toEqual([404, "Not found\n"]);
  }
});

test("the chat hears when its client goes away, before and during the answer", async () => {
  for (const name of ["held", "ticks"]) {
    aborted = 0;
    const controller = new AbortController();
    const response = fetch(`${server.url}/chat/${name}`, { signal: controller.signal });
    response.catch(() => {});
    await delay(60);
    controller.abort();
    await expect.poll(() => aborted).toBe(1);
  }
});

test("an event stream arrives as it is written", async () => {
  const response = await fetch(`${server.url}/chat/ticks`);
  const reader = response.body?.getReader();
  const first = await reader?.read();
  expect(new TextDecoder().decode(first?.value)).toMatch(/^data: tick\n\n/);
  await reader?.cancel();
});

test("public files are served, before the chat, and nothing beside them", async () => {
  const page = await fetch(`${server.url}/`);
  expect(await page.text()).toBe("<h1>Hello</h1>");
  expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
  const head = await fetch(`${server.url}/index.html`, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "14", ""]);
  const widget = await fetch(`${server.url}/chat/widget.js`);
  expect([await widget.text(), widget.headers.get("content-type")]).toEqual([
    "export {};",
    "text/javascript; charset=utf-8",
  ]);
  const beside = [
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/assets",
    "/assets/",
    "/none",
    "/%00",
    "/%zz",
  ];
  for (const path of beside) {
    expect(await raw(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)).toMatch(/^HTTP\/1.1 404/);
  }
  expect((await fetch(`${server.url}/`, { method: "POST" })).status).toBe(404);
  const posted = await fetch(`${server.url}/chat/widget.js`, { method: "POST" });
  expect([posted.status, posted.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
});

test("a text is compressed where the browser accepts that, and nothing small", async () => {
  const headers = { "accept-encoding": "gzip, br" };
  const [large, small] = [
    await fetch(`${server.url}/large.txt`, { headers }),
    await fetch(`${server.url}/`, { headers }),
  ];
  expect([large.headers.get("content-encoding"), large.headers.get("vary")]).toEqual(["br", "Accept-Encoding"]);
  expect(await large.text()).toBe(LARGE);
  expect(small.headers.get("content-encoding")).toBeNull();
  const plain = await fetch(`${server.url}/large.txt`, { headers: { "accept-encoding": "identity" } });
  expect([plain.headers.get("content-encoding"), plain.headers.get("content-length")]).toEqual([
    null,
    `${LARGE.length}`,
  ]);
});

test("a public file that is unchanged is not sent again", async () => {
  const url = `${server.url}/chat/widget.js`;
  const etag = (await fetch(url)).headers.get("etag") ?? "";
  for (const tags of [etag, `W/${etag}, "other"`, "*"]) {
    const again = await fetch(url, { headers: { "if-none-match": tags } });
    expect([again.status, await again.text(), again.headers.get("etag")], tags).toEqual([304, "", etag]);
  }
  expect((await fetch(url, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
});

test("a failure of the chat is a 500 that says nothing", async () => {
  const response = await fetch(`${server.url}/chat/broken`);
  expect([response.status, await response.text()]).toEqual([500, ""]);
});

test("nonsense is refused, and the server goes on", async () => {
  const end = "Host: a\r\nConnection: close\r\n\r\n";
  for (const bytes of [
    "nonsense\r\n\r\n",
    "GET / HTTP/9.9\r\n\r\n",
    `OPTIONS * HTTP/1.1\r\n${end}`,
    `GET * HTTP/1.1\r\n${end}`,
    `GET //// HTTP/1.1\r\n${end}`,
    `GET //chat/echo HTTP/1.1\r\n${end}`,
    `GET http:// HTTP/1.1\r\n${end}`,
    `GET http://[ HTTP/1.1\r\n${end}`,
    `GET ?? HTTP/1.1\r\n${end}`,
    `GET /${"x".repeat(20_000)} HTTP/1.1\r\n${end}`,
    "GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
    "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
    `GET / HTTP/1.1\r\nUpgrade: websocket\r\n${end}`.replace("close", "upgrade"),
  ]) {
    const answer = raw(bytes);
    expect(await Promise.race([answer, delay(1_000, "open")])).not.toMatch(/^HTTP\/1.1 5/);
  }
  for (const host of ["a b", "[::1", "%", "@", "a:b:c", "xn--\u0000", "a.1795729014575", ""]) {
    // A quotation mark makes a URL that is taken apart at once, any other only when it must be.
    for (const path of ["/chat/echo", "/chat/echo?a='"]) {
      expect(await raw(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).not.toMatch(
        /^HTTP\/1.1 5/,
      );
    }
  }
  expect((await fetch(`${server.url}/chat/echo`)).status).toBe(200);
});

test("a stop lets answers finish, cuts what lasts longer, and is over soon", async () => {
  const other = await start();
  const slow = fetch(`${other.url}/chat/slow`).then((response) => response.text());
  const held = fetch(`${other.url}/chat/held`).then(
    () => "answered",
    () => "cut",
  );
  await delay(50);
  const begun = performance.now();
  await other.stop();
  expect(performance.now() - begun).toBeLessThan(800);
  expect(await slow).toBe("done");
  expect(await held).toBe("cut");
  await expect(fetch(`${other.url}/`)).rejects.toThrow();
});

test("a port that is taken is an error", async () => {
  const port = Number(new URL(server.url).port);
  await expect(start(port)).rejects.toThrow(/EADDRINUSE/);
});
