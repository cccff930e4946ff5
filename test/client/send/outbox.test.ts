import { describe, expect, it } from "vitest";
import type { Posted } from "../../../lib/client/http/deployment.js";
import { ChatError } from "../../../lib/client/protocol/problem.js";
import { Outbox, type Outcome } from "../../../lib/client/send/outbox.js";
import { memoryStore, type OutboxEntry } from "../../../lib/client/send/outbox-store.js";

const sent = (id: string) => ({ type: "message" as const, id, thread: "t", seq: 1, timestamp: "" });
const entry = (id: string, text = ""): OutboxEntry => ({ id, stanza: { type: "message", message: { id, text } } });
const idOf = (stanza: OutboxEntry["stanza"]) => `${Object(stanza.message).id}`;
const error = (code: string, status: number, more = {}, retryAfter?: number) =>
  new ChatError({ code, status, ...more }, retryAfter);

/** An outbox before a deployment that answers as it is told; what it waits for is noted and not waited for. */
function outbox(answer: (ids: string[], attempt: number) => Posted, store = memoryStore()) {
  const attempts: string[][] = [];
  const waits: number[] = [];
  const ended: Outcome[] = [];
  const clock = { now: () => 0, random: () => 1, wait: async (ms: number) => void waits.push(ms) };
  const transport = {
    send: async (stanzas: OutboxEntry["stanza"][]) => {
      attempts.push(stanzas.map(idOf));
      return answer(stanzas.map(idOf), attempts.length);
    },
    alone: (run: () => Promise<void>) => run(),
    upload: () => {},
    ended: (outcome: Outcome) => void ended.push(outcome),
  };
  return {
    box: new Outbox(Promise.resolve(store), transport, clock, new AbortController().signal),
    attempts,
    waits,
    ended,
  };
}

const accept = (ids: string[]): Posted => ({ results: ids.map(sent) });
const until = (done: () => boolean) => expect.poll(done).toBe(true);

describe("Outbox", () => {
  it("sends in order, as many stanzas at once as the deployment accepts", async () => {
    const { box, attempts, ended } = outbox(accept);
    const ids = Array.from({ length: 45 }, (_, i) => `${i}`);
    for (const id of ids) box.put(entry(id));
    await until(() => ended.length === 45);
    expect(attempts.flat()).toEqual(ids);
    expect(Math.max(...attempts.map(({ length }) => length))).toBeLessThanOrEqual(20);
    expect(ended.map(({ id }) => id)).toEqual(ids);
  });

  it("retries a stanza until it is accepted, and obeys Retry-After", async () => {
    const { box, attempts, waits, ended } = outbox((ids, attempt) => {
      if (attempt === 1) return { results: [], error: error("unreachable", 0) };
      if (attempt === 2) return { results: [], error: error("rate_limited", 429, {}, 7) };
      return accept(ids);
    });
    box.put(entry("a"));
    await until(() => ended.length === 1);
    expect(attempts).toEqual([["a"], ["a"], ["a"]]);
    expect(waits.filter((ms) => ms > 0)).toEqual([500, 7_000, 1_000]);
  });

  it("reports what was refused for good, and continues with the next stanza", async () => {
    const { box, ended } = outbox((ids) => {
      const at = ids.indexOf("bad");
      if (at === -1) return accept(ids);
      const results = ids.slice(0, at).map(sent);
      return { results, error: error("cannot_send", 403, { results, failed: at }) };
    });
    for (const id of ["a", "bad", "b"]) box.put(entry(id));
    await until(() => ended.length === 3);
    expect(ended).toEqual([
      { id: "a", result: sent("a") },
      { id: "bad", problem: expect.objectContaining({ code: "cannot_send" }) },
      { id: "b", result: sent("b") },
    ]);
  });

  it("sends each stanza alone when all were refused together, to find the one at fault", async () => {
    const { box, ended } = outbox((ids) =>
      ids.includes("bad") ? { results: [], error: error("invalid", 400) } : accept(ids),
    );
    for (const id of ["a", "bad", "b"]) box.put(entry(id));
    await until(() => ended.length === 3);
    expect(ended.map(({ id, problem }) => [id, problem?.code])).toEqual([
      ["a", undefined],
      ["bad", "invalid"],
      ["b", undefined],
    ]);
  });

  it("keeps each request below the limit of the deployment", async () => {
    const { box, attempts, ended } = outbox(accept);
    for (let i = 0; i < 8; i++) box.put(entry(`${i}`, "é".repeat(8_000)));
    await until(() => ended.length === 8);
    expect(Math.max(...attempts.map(({ length }) => length))).toBeLessThanOrEqual(3);
    expect(attempts.flat()).toHaveLength(8);
  });

  it("sends what an earlier page left", async () => {
    const store = memoryStore();
    await store.add(entry("left"));
    const { box, ended } = outbox(accept, store);
    expect(await box.list()).toEqual([entry("left")]);
    await box.drain();
    expect(ended.map(({ id }) => id)).toEqual(["left"]);
    expect(await store.list()).toEqual([]);
  });

  it("sends once what the store cannot remove", async () => {
    const store = { ...memoryStore(), remove: () => Promise.reject(new Error("full")) };
    const { box, attempts, ended } = outbox(accept, store);
    for (const id of ["a", "b"]) box.put(entry(id));
    await until(() => ended.length === 2);
    await box.drain();
    expect(attempts.flat()).toEqual(["a", "b"]);
    expect(await box.list()).toEqual([]);
  });

  it.each(["add", "list", "remove"] as const)("sends in order when the store refuses to %s", async (failing) => {
    const store = { ...memoryStore(), [failing]: () => Promise.reject(new DOMException("", "InvalidStateError")) };
    const { box, attempts, ended } = outbox(accept, store);
    for (const id of ["a", "b", "c"]) box.put(entry(id));
    await until(() => ended.length === 3);
    expect(attempts.flat()).toEqual(["a", "b", "c"]);
  });

  it("keeps the order of what the store accepts and what it refuses", async () => {
    const store = memoryStore();
    const { add } = store;
    store.add = (it) => (it.id === "b" ? Promise.reject(new Error("quota")) : add(it));
    const { box, attempts, ended } = outbox(
      (ids) => (ids.length < 3 ? { results: [], error: error("busy", 503) } : accept(ids)),
      store,
    );
    for (const id of ["a", "b", "c"]) box.put(entry(id));
    await until(() => ended.length === 3);
    expect(attempts.at(-1)).toEqual(["a", "b", "c"]);
  });

  it.each([
    ["no results", { results: [] }],
    ["a problem that names none of them", { results: [], error: error("invalid", 400, { failed: 7 }) }],
    ["a page of a proxy", { results: [], error: error("unreachable", 522) }],
    ["a token that is not known yet", { results: [], error: error("token_unknown", 404) }],
  ])("treats %s as a failure, and retries later each time", async (_, answer) => {
    const { box, attempts, waits, ended } = outbox((ids, attempt) => (attempt < 4 ? answer : accept(ids)));
    box.put(entry("a"));
    await until(() => ended.length === 1);
    expect(attempts).toHaveLength(4);
    expect(waits.filter((ms) => ms > 0)).toEqual([500, 1_000, 2_000]);
    expect(ended[0]).toMatchObject({ id: "a", result: sent("a"), repeated: true });
  });

  it("withdraws what waits, and not what was accepted", async () => {
    let answer: (posted: Posted) => void = () => {};
    const store = memoryStore();
    const ended: Outcome[] = [];
    const transport = {
      send: () => new Promise<Posted>((resolve) => (answer = resolve)),
      alone: (run: () => Promise<void>) => run(),
      upload: () => {},
      ended: (outcome: Outcome) => void ended.push(outcome),
    };
    const clock = { now: () => 0, random: () => 1, wait: () => new Promise<void>(() => {}) };
    const box = new Outbox(Promise.resolve(store), transport, clock, new AbortController().signal);
    box.put(entry("a"));
    box.put(entry("b"));
    await new Promise((resolve) => setTimeout(resolve, 10));
    const [first, second, twice] = [box.withdraw("a"), box.withdraw("b"), box.withdraw("b")];
    answer({ results: [sent("a")], error: error("unreachable", 0) });
    expect(await Promise.all([first, second])).toEqual([false, true]);
    await twice;
    expect(ended.map(({ id }) => id)).toEqual(["a"]);
    expect(await store.list()).toEqual([]);
    expect(await box.withdraw("c")).toBe(false);
  });
});
