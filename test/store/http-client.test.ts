import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { build } from "esbuild";
import { afterEach, describe, expect, it, vi } from "vitest";
import { HttpClient } from "../../lib/store/http-client.js";
import { StoreFailure } from "../../lib/store/store-fault.js";
import { onPath } from "../../local/redis.js";
import { listen, scriptedStore } from "./scripted-store.js";

const TOKEN = "a-secret-token";
const soon = (ms = 5_000) => Date.now() + ms;

afterEach(() => void vi.useRealTimers());

/** How a request fails, in a word and its sign. */
async function failure(url: string, ms = 5_000, body = "[]"): Promise<string> {
  const error = await new HttpClient(url, TOKEN).post("", body, soon(ms)).catch((it: unknown) => it);
  if (!(error instanceof StoreFailure)) throw new Error("Cannot test: the request did not fail");
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(TOKEN);
  return error.code;
}

describe("a request", () => {
  it("goes to the path of the base URL, with the credential, and brings back status, text and Retry-After", async () => {
    const store = await scriptedStore(() => ({ status: 503, headers: { "Retry-After": "7" }, body: "Grüße 👋" }));
    const answer = await new HttpClient(`${store.url}/team/a`, TOKEN).post("pipeline", '[["GET","ä"]]', soon());
    expect(answer).toEqual({ status: 503, text: "Grüße 👋", retryAfter: 7 });
    expect(store.asked).toMatchObject([
      { path: "/team/a/pipeline", body: [["GET", "ä"]], authorization: `Bearer ${TOKEN}` },
    ]);
  });

  it("understands a date as Retry-After, and nothing else", async () => {
    const values = [new Date(Date.now() + 90_000).toUTCString(), new Date(0).toUTCString(), "soon"];
    const store = await scriptedStore(() => ({ headers: { "Retry-After": values.shift() ?? "" } }));
    const client = new HttpClient(store.url, TOKEN);
    const heard: (number | undefined)[] = [];
    for (let i = 0; i < 3; i++) heard.push((await client.post("", "[]", soon())).retryAfter);
    expect(heard).toEqual([expect.toSatisfy((it) => it > 80 && it <= 90), 0, undefined]);
  });

  it("reaches an IPv6 address", async (context) => {
    const server = createServer((socket) => socket.on("data", () => socket.end("HTTP/1.1 200 OK\r\n\r\nhello")));
    const { url } = await listen(server, "::1").catch(() => context.skip());
    expect((await new HttpClient(url, TOKEN).post("", "[]", soon())).text).toBe("hello");
  });

  it.each([
    ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "hello"],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"],
    ["HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"],
  ])("reads a response however it is framed: %j", async (...pieces) => {
    const server = createServer((socket) =>
      socket.once("data", async () => {
        for (const piece of pieces) await sleep(5).then(() => socket.write(piece));
        socket.end();
      }),
    );
    const { url } = await listen(server);
    expect((await new HttpClient(url, TOKEN).post("", "[]", soon())).text).toBe("hello");
  });
});

describe("a connection", () => {
  it("carries one request after the other, and is the only one while one is enough", async () => {
    const store = await scriptedStore();
    const client = new HttpClient(store.url, TOKEN);
    for (let i = 0; i < 5; i++) await client.post("", "[]", soon());
    expect(store.sockets.size).toBe(1);
    await Promise.all([client.post("", "[]", soon()), client.post("", "[]", soon())]);
    expect(store.sockets.size).toBe(2);
  });

  it("is not used again after a minute, by a clock that no freeze of the process stops", async () => {
    const store = await scriptedStore();
    const client = new HttpClient(store.url, TOKEN);
    await client.post("", "[]", soon());
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Date.now() + 59_000);
    await client.post("", "[]", soon());
    expect(store.sockets.size).toBe(1);
    vi.setSystemTime(Date.now() + 60_000);
    await client.post("", "[]", soon());
    expect(store.sockets.size).toBe(2);
  });

  it("is not used again after the time that the store announces", async () => {
    const store = await scriptedStore();
    store.server.keepAliveTimeout = 5_000;
    const client = new HttpClient(store.url, TOKEN);
    await client.post("", "[]", soon());
    vi.useFakeTimers({ toFake: ["Date"] });
    vi.setSystemTime(Date.now() + 4_500);
    await client.post("", "[]", soon());
    expect(store.sockets.size).toBe(2);
  });

  it("that the store has closed is replaced", async () => {
    const store = await scriptedStore();
    const client = new HttpClient(store.url, TOKEN);
    await client.post("", "[]", soon());
    const [socket] = store.sockets;
    socket?.end();
    await once(socket ?? store.server, "close");
    await client.post("", "[]", soon());
    expect(store.sockets.size).toBe(2);
  });

  it("whose death is found out takes the other idle ones with it", async () => {
    const dead = new Set<unknown>();
    const store = await scriptedStore(({ socket }) => (dead.has(socket) ? () => undefined : { afterMs: 20 }));
    const client = new HttpClient(store.url, TOKEN);
    await Promise.all(Array.from({ length: 5 }, () => client.post("", "[]", soon())));
    for (const socket of store.sockets) dead.add(socket);
    await expect(client.post("", "[]", soon(100))).rejects.toMatchObject({ code: "no answer in time" });
    expect((await client.post("", '["A"]', soon())).text).toBe('{"result":["A"]}');
  });

  it("on which an answer came late is not used again, so no request gets the answer to another", async () => {
    const store = await scriptedStore(({ body }) => ({ afterMs: JSON.stringify(body) === '["slow"]' ? 200 : 0 }));
    const client = new HttpClient(store.url, TOKEN);
    await expect(client.post("", '["slow"]', soon(50))).rejects.toMatchObject({ code: "no answer in time" });
    expect((await client.post("", '["A"]', soon())).text).toBe('{"result":["A"]}');
  });

  it("on which the store speaks unasked does not take that for an answer", async () => {
    const store = await scriptedStore();
    const client = new HttpClient(store.url, TOKEN);
    await client.post("", "[]", soon());
    for (const socket of store.sockets) socket.write("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
    await sleep(50);
    expect((await client.post("", '["A"]', soon())).text).toBe('{"result":["A"]}');
  });

  it("is closed by close() when nothing is under way on it, and else when that has ended", async () => {
    const store = await scriptedStore(() => ({ afterMs: 50 }));
    const client = new HttpClient(store.url, TOKEN);
    await Promise.all([client.post("", "[]", soon()), client.post("", "[]", soon())]);
    const last = client.post("", '["last"]', soon());
    client.close();
    expect((await last).text).toBe('{"result":["last"]}');
    await expect.poll(() => [...store.sockets].every((it) => it.closed)).toBe(true);
    expect((await client.post("", '["later"]', soon())).text).toBe('{"result":["later"]}');
    await expect.poll(() => [...store.sockets].every((it) => it.closed)).toBe(true);
  });
});

describe("a request that cannot be answered in time is not sent:", () => {
  it("of 192 asked at once, a slow store carries out those that it answers", async () => {
    const store = await scriptedStore(() => ({ afterMs: 1_000 }));
    const client = new HttpClient(store.url, TOKEN);
    const deadline = soon(1_600);
    const all = await Promise.allSettled(Array.from({ length: 192 }, () => client.post("", "[]", deadline)));
    const answered = all.filter(({ status }) => status === "fulfilled");
    expect(answered).toHaveLength(64);
    expect(store.asked).toHaveLength(64);
    for (const it of all) if (it.status === "rejected") expect(it.reason).toMatchObject({ code: "no answer in time" });
  });

  it("others wait for their turn, and get it", async () => {
    const store = await scriptedStore(() => ({ afterMs: 30 }));
    const client = new HttpClient(store.url, TOKEN);
    const deadline = soon(20_000);
    await Promise.all(Array.from({ length: 192 }, () => client.post("", "[]", deadline)));
    expect([store.asked.length, store.sockets.size]).toEqual([192, 64]);
  });
});

describe("what goes wrong is named:", () => {
  const answering = (write: (response: ServerResponse) => void) => scriptedStore(() => write);

  it("an unknown host", async () => {
    // Longer than a label of a domain name may be, so that no server is asked for it.
    expect(await failure(`http://${"x".repeat(64)}.invalid`)).toBe("unknown host");
  });

  it("a port on which nothing listens", async () => {
    const server = createServer();
    const { url } = await listen(server);
    server.close();
    expect(await failure(url)).toBe("connection refused");
  });

  it("a host name of several addresses none of which answers", async () => {
    const server = createServer();
    const { port } = await listen(server);
    server.close();
    expect(await failure(`http://localhost:${port}`)).toBe("connection refused");
  });

  it("a connection that is reset, at once or amid an answer", async () => {
    const resetting = await listen(createServer((socket) => socket.resetAndDestroy()));
    expect(await failure(resetting.url)).toBe("connection reset");
    const closing = await listen(createServer((socket) => socket.once("data", () => socket.end())));
    expect(await failure(closing.url)).toBe("connection reset");
    const half = await answering((response) => {
      response.writeHead(200, { "Content-Length": "100" }).write('{"result":');
      setTimeout(() => response.destroy(), 20);
    });
    expect(await failure(half.url)).toBe("connection reset");
  });

  it("silence: before the answer, amid it, and of a server that accepts and never shakes hands", async () => {
    const silent = await scriptedStore(() => () => undefined);
    expect(await failure(silent.url, 50)).toBe("no answer in time");
    const stalled = await answering((response) => {
      response.writeHead(200, { "Content-Length": "100" }).write('{"result":');
    });
    expect(await failure(stalled.url, 100)).toBe("no answer in time");
    const { port } = await listen(createServer(() => undefined));
    expect(await failure(`https://127.0.0.1:${port}`, 100)).toBe("no answer in time");
  });

  it("an answer that is no HTTP, and one that has no end", async () => {
    const ssh = createServer((socket) => socket.once("data", () => socket.end("SSH-2.0-OpenSSH_9.2\r\n\r\n")));
    expect(await failure((await listen(ssh)).url)).toBe("wrong answer");
    const endless = await answering((response) => {
      const piece = Buffer.alloc(1_000_000, "x");
      const pour = () => {
        while (response.write(piece));
      };
      pour();
      response.on("drain", pour);
    });
    expect(await failure(endless.url, 20_000)).toBe("wrong answer");
  });

  it("plain text where TLS is expected, and the other way round", async () => {
    const store = await scriptedStore();
    expect(await failure(store.url.replace("http:", "https:"))).toBe("TLS failure");
  });

  it("a token that no header can carry, when the client is made", () => {
    expect(() => new HttpClient("http://127.0.0.1:1", "a-secret\ntoken")).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("secret") }),
    );
  });

  // CI has it, and must not pass without.
  it.skipIf(process.env.CI !== "true" && !onPath("openssl"))(
    "a certificate that nobody vouches for, or that is made out to another; and idle connections keep no process alive",
    async () => {
      const dir = await mkdtemp(join(tmpdir(), "tls-"));
      const [key, cert, module] = [join(dir, "key"), join(dir, "cert"), join(dir, "http-client.mjs")];
      const made = spawn("openssl", [
        ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-keyout", key, "-out", cert],
        ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
      ]);
      expect(await once(made, "close")).toEqual([0, null]);
      const secure = createTlsServer({ key: await readFile(key), cert: await readFile(cert) }, (_, response) =>
        response.end("ok"),
      );
      const { port } = await listen(secure);
      expect(await failure(`https://localhost:${port}`)).toBe("TLS failure");
      expect(await failure(`http://localhost:${port}`)).toMatch(/^(wrong answer|connection reset)$/);
      // Whom a process trusts is decided when it starts.
      const entryPoints = ["lib/store/http-client.ts"];
      await build({ entryPoints, bundle: true, platform: "node", format: "esm", outfile: module, logLevel: "error" });
      const code = `import { HttpClient } from ${JSON.stringify(module)};
        for (const host of ["localhost", "127.0.0.1"]) {
          const client = new HttpClient("https://" + host + ":${port}", "none");
          const asked = client.post("", "[]", Date.now() + 5_000);
          console.log(await asked.then((it) => it.text, (error) => error.code + ", " + error.sign));
        }`;
      const env = { ...process.env, NODE_EXTRA_CA_CERTS: cert };
      const child = spawn(process.execPath, ["--input-type=module", "--eval", code], { env });
      let said = "";
      for (const output of [child.stdout, child.stderr]) output.on("data", (piece) => (said += piece));
      expect(await once(child, "close")).toEqual([0, null]);
      expect(said).toBe("ok\nTLS failure, ERR_TLS_CERT_ALTNAME_INVALID\n");
      await rm(dir, { recursive: true });
    },
  );
});
