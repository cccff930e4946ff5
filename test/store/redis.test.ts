import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { Fault } from "../../lib/fault.js";
import { createLogger } from "../../lib/logger.js";
import { Store } from "../../lib/store/redis.js";
import { type Asked, listen, scriptedStore, type Told } from "./scripted-store.js";

const TOKEN = "a-secret-token";
const SCRIPT = "return ARGV[1]";

/** A store and the lines of its log. */
function storeAt(url: string) {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger("info", (line) => lines.push(JSON.parse(line)));
  const waits: number[] = [];
  const store = new Store({ url, token: TOKEN, logger, observe: (ms) => waits.push(ms) });
  const logged = () =>
    lines.map(({ level, event, cause, sign }) => [level, event, cause, ...(sign === undefined ? [] : [sign])]);
  const run = () => store.runScript(SCRIPT, v.unknown(), ["key"], ["a secret text"]);
  return { store, lines, logged, run, waits };
}

async function connect(answer?: (asked: Asked) => Told) {
  const rest = await scriptedStore(answer);
  return { ...rest, ...storeAt(rest.url) };
}

async function faultOf(call: Promise<unknown>): Promise<Fault> {
  const fault = await call.catch((it: unknown) => it);
  if (fault instanceof Fault) return fault;
  throw new Error(`Cannot test: no fault, but ${inspect(fault)}`);
}

/** Answers with each of these in turn, and with the last from then on. */
const inTurn =
  (...told: Told[]) =>
  () =>
    told.length > 1 ? told.shift() : told[0];
const refusal = (error: string): Told => ({ status: 400, body: JSON.stringify({ error }) });
const unauthorized: Told = { status: 401, body: '{"error":"WRONGPASS invalid or missing auth token"}' };

describe("an attempt that fails", () => {
  it("is repeated once, and that is logged", async () => {
    const { run, asked, logged, store } = await connect(inTurn({ status: 502, body: "<html>" }, undefined));
    await run();
    expect(asked).toHaveLength(2);
    expect(logged()).toEqual([["info", "store_retry", "server error", "502"]]);
    expect(store.trouble).toBeUndefined();
  });

  it("on a connection that is dead is repeated on one that is not, however many more are dead", async () => {
    const dead = new Set<unknown>();
    const { run, sockets } = await connect(({ socket }) => (dead.has(socket) ? () => undefined : { afterMs: 100 }));
    const read = Array.from({ length: 3 }, () => run());
    await Promise.all([...read, sleep(60).then(run)]);
    expect(sockets.size).toBeGreaterThan(1);
    for (const socket of sockets) dead.add(socket);
    await run();
  });

  it("on a connection that was dropped while this process was frozen is repeated", async () => {
    const { run, sockets } = await connect();
    await run();
    for (const socket of sockets) socket.resetAndDestroy();
    await run();
  });

  it("is not repeated when it cannot help, nor before the store wants it", async () => {
    const answers = [unauthorized, refusal("WRONGTYPE no"), refusal("ERR max daily request limit exceeded")];
    for (const told of [...answers, { status: 503, headers: { "Retry-After": "1" } }, { status: 429 }]) {
      const { run, asked } = await connect(() => told);
      await faultOf(run());
      expect(asked).toHaveLength(1);
    }
  });

  it("ends within three seconds, also when the store is slow to say that it does not know a script", async () => {
    const silent = await connect(() => () => undefined);
    const slow = await connect(({ body }) =>
      JSON.stringify(body).includes("EVALSHA")
        ? { afterMs: 1_000, ...refusal("NOSCRIPT No matching script. Please use EVAL.") }
        : () => undefined,
    );
    for (const { run, waits } of [silent, slow]) {
      const began = performance.now();
      expect(await faultOf(run())).toMatchObject({ code: "unavailable" });
      const took = performance.now() - began;
      expect(took).toBeLessThan(3_000);
      expect(waits).toEqual([expect.closeTo(took, -2)]);
    }
  });
});

describe("a failure becomes a fault", () => {
  it("503 with the cause, the time to wait, and nothing of what was asked", async () => {
    const { run, store, lines } = await connect(() =>
      refusal("ERR unknown command 'EVALSHA', with args: 'a secret text'"),
    );
    const fault = await faultOf(run());
    expect(fault).toMatchObject({ code: "unavailable", status: 503, extra: { retryAfter: 1 } });
    expect(fault.message).toBe("The store cannot be used: command refused");
    expect(fault.cause).toMatchObject({ name: "StoreFailure", code: "command refused" });
    const transaction = store.transact(v.unknown(), (batch) => batch.set("key", "a secret text"));
    for (const it of [fault, await faultOf(transaction), lines]) {
      expect(inspect(it, { depth: 9, showHidden: true })).not.toContain("secret");
    }
  });

  it("507 when the store is full, in a script, a transaction and a read", async () => {
    const full = "OOM command not allowed when used memory > 'maxmemory'.";
    const { run, store, lines } = await connect(({ path }) =>
      path === "/" ? refusal(full) : { body: JSON.stringify([{ error: full }]) },
    );
    const set = (batch: { set(key: string, value: string): unknown }) => batch.set("key", "value");
    const calls = [run(), store.transact(v.unknown(), set), store.readAnywhere(v.unknown(), set)];
    for (const call of calls) expect(await faultOf(call)).toMatchObject({ code: "storage_full", status: 507 });
    expect([store.trouble, lines]).toEqual([undefined, []]);
  });

  it("503 when the daily quota is exhausted, which is no lack of storage", async () => {
    const error =
      "ERR max daily request limit exceeded. Limit: 10000, Usage: 10000. See https://upstash.com/docs for details";
    const { run, store } = await connect(({ path }) =>
      path === "/" ? refusal(error) : { body: JSON.stringify([{ error }]) },
    );
    const calls = [run(), store.transact(v.unknown(), (batch) => batch.get("key"))];
    for (const call of calls)
      expect(await faultOf(call)).toMatchObject({ code: "unavailable", extra: { retryAfter: 30 } });
    expect(store.trouble).toBe("quota exhausted");
  });

  it("503 that tells clients to wait as long as the store wants", async () => {
    const { run, asked } = await connect(() => ({ status: 429, headers: { "Retry-After": "17" } }));
    for (let i = 0; i < 3; i++) expect((await faultOf(run())).extra.retryAfter).toBeOneOf([17, 16]);
    expect(asked).toHaveLength(1);
  });

  it("503 when a reply has another shape", async () => {
    const { store, logged } = await connect();
    const reply = store.runScript(SCRIPT, v.number(), [], []);
    expect(await faultOf(reply)).toMatchObject({ code: "unavailable", extra: { retryAfter: 5 } });
    expect(store.trouble).toBe("wrong answer");
    expect(logged()).toEqual([["error", "store_unavailable", "wrong answer", "shape"]]);
  });

  it("a mistake of the caller stays what it is", async () => {
    const { store } = await connect();
    const mistake = store.transact(v.unknown(), () => {
      throw new TypeError("no function");
    });
    await expect(mistake).rejects.toThrow(TypeError);
    expect(store.trouble).toBeUndefined();
  });
});

describe("the log names why the store cannot be used", () => {
  it("once, with what an operator can look up, and without secrets", async () => {
    const { run, store, lines, url } = await connect(() => unauthorized);
    for (let i = 0; i < 3; i++) await faultOf(run());
    expect(store.trouble).toBe("credential refused");
    const { host } = new URL(url);
    expect(lines).toEqual([
      {
        ...{ time: expect.any(String), level: "error", event: "store_unavailable" },
        ...{ cause: "credential refused", sign: "WRONGPASS", host, operation: "request" },
      },
    ]);
  });

  it("again when the cause changes, and when the store has recovered and fails again", async () => {
    const { run, logged } = await connect(
      inTurn(
        unauthorized,
        unauthorized,
        refusal("ERR max requests limit exceeded"),
        unauthorized,
        undefined,
        unauthorized,
      ),
    );
    for (let i = 0; i < 7; i++) await run().catch(() => undefined);
    expect(logged()).toEqual([
      ["error", "store_unavailable", "credential refused", "WRONGPASS"],
      ["error", "store_unavailable", "quota exhausted", "ERR"],
      ["info", "store_recovered", "credential refused"],
      ["error", "store_unavailable", "credential refused", "WRONGPASS"],
    ]);
  });

  it("an unknown host, a refused connection and a failure of TLS", async () => {
    const plain = await scriptedStore();
    const closed = createServer();
    const { url: nowhere } = await listen(closed);
    closed.close();
    const urls = [`https://${"x".repeat(64)}.invalid`, nowhere, plain.url.replace("http:", "https:")];
    for (const [i, cause] of ["unknown host", "connection refused", "TLS failure"].entries()) {
      const { run, store, logged } = storeAt(urls[i] ?? "");
      await faultOf(run());
      await faultOf(run());
      expect(store.trouble).toBe(cause);
      expect(logged().filter(([level]) => level === "error")).toEqual([
        ["error", "store_unavailable", cause, expect.any(String)],
      ]);
    }
  });
});

describe("a subscription", () => {
  const stream: Told = (response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" }).write("data: subscribe,wire,1\n\n");
  };

  it("delivers what the store sends until it is aborted, below the path of the base URL", async () => {
    const { url, asked } = await scriptedStore(() => stream);
    const { store, lines } = storeAt(`${url}/team/a/`);
    const controller = new AbortController();
    const pieces: string[] = [];
    const ended = store.subscribe("wire", (piece) => pieces.push(piece), controller.signal);
    await expect.poll(() => pieces).toEqual(["data: subscribe,wire,1\n\n"]);
    controller.abort();
    await ended;
    expect(asked).toMatchObject([{ path: "/team/a/subscribe/wire", authorization: `Bearer ${TOKEN}` }]);
    expect(lines).toEqual([]);
  });

  it("that is refused is logged once, until one stands", async () => {
    const { store, logged } = await connect(inTurn(unauthorized, unauthorized, stream));
    const { signal } = new AbortController();
    for (let i = 0; i < 2; i++) await store.subscribe("wire", () => undefined, signal);
    expect(logged()).toEqual([["error", "store_unavailable", "credential refused", "401"]]);
    const ended = store.subscribe("wire", () => undefined, signal);
    await expect.poll(logged).toContainEqual(["info", "store_recovered", "credential refused"]);
    store.close();
    await ended;
    expect(store.trouble).toBeUndefined();
  });

  it("that stood is not logged when it ends, and neither is one that close() ends", async () => {
    const { store, lines, sockets } = await connect(inTurn(stream, () => undefined));
    const { signal } = new AbortController();
    const heard: string[] = [];
    const stood = store.subscribe("wire", (piece) => heard.push(piece), signal);
    await expect.poll(() => heard.length).toBe(1);
    for (const socket of sockets) socket.resetAndDestroy();
    await stood;
    const asked = store.subscribe("wire", () => undefined, signal);
    await expect.poll(() => sockets.size).toBe(2);
    store.close();
    await asked;
    expect(lines).toEqual([]);
  });

  it("ends when its reader throws", async () => {
    const { store } = await connect(() => stream);
    const { signal } = new AbortController();
    const take = () => {
      throw new Error("a line is too long");
    };
    await store.subscribe("wire", take, signal);
  });
});

describe("close()", () => {
  it("lets go of all connections, and what is asked then is still answered", async () => {
    const { store, run, sockets } = await connect(({ path }) =>
      path.startsWith("/subscribe") ? (response) => void response.writeHead(200).flushHeaders() : undefined,
    );
    const ended = store.subscribe("wire", () => undefined, new AbortController().signal);
    await run();
    await expect.poll(() => sockets.size).toBe(2);
    store.close();
    await ended;
    await run();
    await expect.poll(() => [...sockets].every((it) => it.closed)).toBe(true);
  });
});
