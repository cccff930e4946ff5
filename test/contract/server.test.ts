import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Outsider, outsider, somebody } from "../support/outsider.js";
import { type RawReply, raw } from "../support/raw.js";
import { type Site, site } from "../support/site.js";
import { LISTED, RESPONSES } from "./responses.js";

// PROFILE §1 and §4 over a socket: what a server process adds to the answers of the chat, which the other files here ask in process.

let server: Site;
let ann: Outsider;
let ben: Outsider;
beforeAll(async () => {
  const store = inject("bridge");
  if (store === undefined) throw new Error("Cannot test without a store");
  server = await site(store, { CHAT_ORIGINS: LISTED });
  [ann, ben] = await Promise.all([outsider(server, somebody("ann")), outsider(server, somebody("ben"))]);
});
afterAll(() => server.stop());

/** Writes a request line and headers to the letter, and a body if there is one. */
function ask(line: string, headers: readonly string[] = [], body = ""): Promise<RawReply> {
  return raw(server.url, `${[line, "Host: localhost", ...headers].join("\r\n")}\r\n\r\n${body}`);
}

const hello = JSON.stringify({ type: "message", message: { to: ["nobody"], text: "Hello" } });
const chunk = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

describe("every response over HTTP", () => {
  it.each(Object.entries(RESPONSES))("carries the general headers: %s", async (name, ask) => {
    const { status, headers } = await ask({ server, ann });
    expect(status).toBe(Number(name.slice(0, 3)));
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "private, no-store, no-transform",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      vary: "Origin, Authorization, Cookie, Accept",
    });
    expect(headers.has("etag")).toBe(false);
  });

  it.each(Object.entries(RESPONSES))(
    "announces its length when it has a body, and is not chunked: %s",
    async (_, ask) => {
      const { headers, text } = await ask({ server, ann });
      expect(headers.has("transfer-encoding")).toBe(false);
      if (text !== "") expect(headers.get("content-length")).toBe(`${Buffer.byteLength(text)}`);
    },
  );
});

describe("a response to the letter", () => {
  it("without content has no body and no length", async () => {
    const reply = await ask("DELETE /nereid-chat/token/6f2f9ad5-5a3c-4c53-9f8e-0d4d2f7d9c11 HTTP/1.1", [
      "Connection: close",
    ]);
    expect(reply).toMatchObject({ status: 204, body: "" });
    expect(reply.headers.has("content-length")).toBe(false);
    expect(reply.headers.has("transfer-encoding")).toBe(false);
  });

  it("to HEAD has no body", async () => {
    const reply = await ask("HEAD /nereid-chat/send HTTP/1.1", ["Connection: close"]);
    expect(reply).toMatchObject({ status: 405, body: "", closed: true });
    expect(reply.headers.get("allow")).toBe("POST, OPTIONS");
  });

  it("to HTTP/1.0 announces its length, and ends with the connection", async () => {
    const reply = await ask("GET /nereid-chat/health HTTP/1.0");
    expect(reply).toMatchObject({ status: 200, closed: true });
    expect(reply.headers.get("content-length")).toBe(`${Buffer.byteLength(reply.body)}`);
    expect(reply.headers.has("transfer-encoding")).toBe(false);
  });

  it("leaves the connection open for the next request", async () => {
    const request = "GET /nereid-chat/health HTTP/1.1\r\nHost: localhost\r\n";
    const { body, closed } = await raw(server.url, `${request}\r\n${request}Connection: close\r\n\r\n`);
    expect(body.match(/"status":"ok"/g)).toHaveLength(2);
    expect(closed).toBe(true);
  });
});

describe("a request body over HTTP", () => {
  const line = () => `POST /nereid-chat/send/${ann.token} HTTP/1.1`;
  const headers = ["Content-Type: application/json", "Connection: close"];

  it("may come in chunks", async () => {
    const [one, two] = [hello.slice(0, 20), hello.slice(20)];
    const reply = await ask(line(), [...headers, "Transfer-Encoding: chunked"], chunk(one) + chunk(two) + chunk(""));
    expect(reply.status).toBe(200);
  });

  it("in chunks that is too large is refused", async () => {
    const body = chunk("x".repeat(40_000)).repeat(2) + chunk("");
    const reply = await ask(line(), [...headers, "Transfer-Encoding: chunked"], body);
    expect(reply.status).toBe(413);
    expect(JSON.parse(reply.body)).toMatchObject({ code: "too_large" });
  });

  it("that is announced as too large is refused", async () => {
    const reply = await ask(line(), [...headers, "Content-Length: 70000"], "x".repeat(70_000));
    expect(reply.status).toBe(413);
  });

  it("may wait for a 100 Continue", async () => {
    const length = `Content-Length: ${Buffer.byteLength(hello)}`;
    const reply = await ask(line(), [...headers, length, "Expect: 100-continue"], hello);
    expect(reply.status).toBe(100);
    expect(reply.body).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe("the stream over HTTP", () => {
  it("holds a poll until something comes, and says then how long the answer is", async () => {
    const held = ask(`GET /nereid-chat/stream/${ben.token}?wait=20&cursor=${ben.cursor} HTTP/1.1`, [
      "Connection: close",
    ]);
    await sleep(300);
    await ann.say({ to: [ben.entity], text: "now" });
    const reply = await held;
    expect(reply.headers.get("content-length")).toBe(`${Buffer.byteLength(reply.body)}`);
    expect(reply.body).toContain('"text":"now"');
  });

  it("is chunked when it is live, each event as it comes", async () => {
    const headers = ["Accept: text/event-stream", "Connection: close"];
    const path = `/nereid-chat/stream/${ben.token}?live=1&wait=2&cursor=${ben.cursor}`;
    const { status, headers: of, body } = await ask(`GET ${path} HTTP/1.1`, headers);
    expect(status).toBe(200);
    expect(of.get("transfer-encoding")).toBe("chunked");
    expect(of.has("content-length")).toBe(false);
    expect(body).toMatch(/\r\n0\r\n\r\n$/);
    expect(body.match(/^[0-9a-f]+\r\n/gm)?.length).toBeGreaterThanOrEqual(3);
  });

  it("lets a client go that hangs up, and keeps nothing back", async () => {
    const cid = await outsider(server, somebody("cid"));
    const leaving = new AbortController();
    const held = server.call("GET", `stream/${cid.token}?wait=20`, { signal: leaving.signal });
    setTimeout(() => leaving.abort(), 300);
    await expect(held).rejects.toThrow();
    await ann.say({ to: [cid.entity], text: "after" });
    expect(JSON.stringify(await cid.poll("?wait=0"))).toContain('"text":"after"');
  });
});
