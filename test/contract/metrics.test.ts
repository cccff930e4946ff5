import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { inProcess } from "../support/in-process.js";
import { outsider, somebody } from "../support/outsider.js";
import { session } from "../support/site.js";

const prefix = `metrics-${randomUUID().slice(0, 8)}:`;
const chat = inProcess({ prefix, webhookUrl: "http://127.0.0.1:9/hook", webhookPrivate: true, unreadAfter: 0 });
afterAll(() => chat.stop());

const credential = async () => ({ authorization: `Bearer ${await session("server", { scope: "chat:server" })}` });
const scrape = async () => chat.call("GET", "metrics", { headers: await credential() });

/** Reads one value of a scrape, by its name and labels as they are written. */
async function value(name: string): Promise<number> {
  const { text } = await scrape();
  const line = text.split("\n").find((it) => it.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? Number.NaN);
}

describe("the metrics", () => {
  test("are for the service credential alone", async () => {
    const ann = await outsider(chat, somebody("ann"));
    expect((await chat.call("GET", "metrics")).status).toBe(401);
    expect((await ann.call("GET", "metrics")).status).toBe(403);
    const headers = { authorization: `Bearer ${await session("ann", { role: "moderator" })}` };
    expect((await chat.call("GET", "metrics", { headers })).status).toBe(403);
    expect((await scrape()).headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  });

  test("are lines as Prometheus reads them, each family with its type, and name no user, thread or token", async () => {
    const [ann, ben] = [await outsider(chat, somebody("ann")), await outsider(chat, somebody("ben"))];
    const { thread } = await ann.say({ to: [ben.entity], text: "Hi" });
    await chat.call("PROPFIND", `threads/${thread}`);
    await chat.call("GET", `nothing/${thread}`);
    const { text } = await scrape();
    const families = new Set(
      [...text.matchAll(/^# TYPE (\S+) (?:counter|gauge|histogram)$/gm)].map(([, name]) => name),
    );
    for (const line of text.split("\n").filter((it) => it !== "" && !it.startsWith("#"))) {
      const [, name = ""] =
        /^(nereid_chat_[a-z_]+)(?:\{[a-z]+="[^"\n]*"(?:,[a-z]+="[^"\n]*")*\})? -?[\d.e+-]+$/.exec(line) ?? [];
      expect([line, families.has(name) || families.has(name.replace(/_(bucket|sum|count)$/, ""))]).toEqual([
        line,
        true,
      ]);
    }
    for (const secret of [ann.entity, ann.token, thread, "PROPFIND"]) expect(text).not.toContain(secret);
  });

  test("count sends, their time, events, problems and what the store is asked", async () => {
    const [ann, ben] = [await outsider(chat, somebody("ann")), await outsider(chat, somebody("ben"))];
    const names = [
      'nereid_chat_requests_total{method="POST",route="/send/:token",status="200"}',
      "nereid_chat_send_duration_seconds_count",
      'nereid_chat_errors_total{code="thread_not_found"}',
      'nereid_chat_store_requests_total{kind="script"}',
      "nereid_chat_events_total",
    ];
    await ann.send({ type: "message", message: { thread: "none", text: "Hi" } });
    await ann.say({ to: [ben.entity], text: "Hi" });
    const before = await Promise.all(names.map(value));
    await ann.send({ type: "message", message: { thread: "none", text: "Hi" } });
    await ann.say({ to: [ben.entity], text: "Hi" });
    const after = await Promise.all(names.map(value));
    expect(after.map((it, i) => it - (before[i] ?? 0))).toEqual([1, 2, 1, expect.any(Number), expect.any(Number)]);
    for (const [i, it] of after.entries()) expect(it).toBeGreaterThan(before[i] ?? 0);
  });

  test("tell what is held, how late it is answered, and what waits for the host's server", async () => {
    const [ann, ben] = [await outsider(chat, somebody("ann")), await outsider(chat, somebody("ben"))];
    await ann.say({ to: [ben.entity], text: "Hi" });
    const { cursor } = await ben.poll();
    await ben.poll(`?wait=0&cursor=${encodeURIComponent(cursor)}`);
    const held = ben.poll(`?cursor=${encodeURIComponent(cursor)}`);
    await expect.poll(() => value("nereid_chat_polls_held")).toBe(1);
    await ann.say({ to: [ben.entity], text: "Again" });
    await held;
    await expect.poll(() => value("nereid_chat_polls_held")).toBe(0);
    expect(await value("nereid_chat_delivery_duration_seconds_count")).toBeGreaterThan(0);
    expect(await value("nereid_chat_outbox_events")).toBeGreaterThan(0);
    expect(await value("nereid_chat_outbox_oldest_seconds")).toBeGreaterThan(0);
    for (const name of ["outbox_events", "outbox_oldest_seconds", "due_events"])
      expect(await value(`nereid_chat_push_${name}`)).toBe(0);
    const reading = new AbortController();
    const headers = { authorization: `Bearer ${ben.token}`, accept: "text/event-stream" };
    const stream = await chat.fetch("stream?live=1", { headers, signal: reading.signal });
    const reader = stream.body?.getReader();
    await reader?.read();
    expect(await value("nereid_chat_streams_open")).toBe(1);
    await reader?.cancel();
    await expect.poll(() => value("nereid_chat_streams_open")).toBe(0);
  });
});
