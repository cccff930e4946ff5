import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { inProcess } from "../support/in-process.js";
import { asPage, messages as messagesOf, outsider, somebody } from "../support/outsider.js";
import { service } from "../support/service.js";

const filesFolder = join(tmpdir(), `chat-import-${randomUUID().slice(0, 8)}`);
const chat = inProcess({ filesFolder });
const elsewhere = inProcess();
const server = await service(chat);
afterAll(async () => {
  await chat.stop();
  await elsewhere.stop();
  await rm(filesFolder, { recursive: true, force: true });
});

const old = (sender: string, count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => ({
    id: randomUUID(),
    sender,
    timestamp: new Date(Date.UTC(2020, 0, 1) + (from + i) * 60_000).toISOString(),
    text: `old ${from + i + 1}`,
  }));

/** A room of Ann and Ben, in which nobody has said anything. */
async function room() {
  const [ann, ben] = [await outsider(chat, somebody("ann")), await outsider(chat, somebody("ben"))];
  const id = randomUUID();
  await ann.call("POST", "threads", { kind: "room", id, members: [ben.entity] });
  return { ann, ben, id };
}

describe("an imported conversation", () => {
  test("is read as it was, in its order and page by page, and goes on", async () => {
    const { ann, ben, id } = await room();
    const gone = somebody("gone");
    const all = [...old(gone, 200), ...old(ann.entity, 200, 200), ...old(ben.entity, 150, 400)];
    for (let at = 0; at < all.length; at += 200)
      expect((await server("POST", `threads/${id}/import`, { messages: all.slice(at, at + 200) })).status).toBe(200);
    const read: { id: string; timestamp: string; seq: number }[] = [];
    for (let after = 0; after < 550; after += 100) {
      const page = asPage(await ben.call("GET", `threads/${id}/messages?after=${after}&limit=100`));
      expect([page.first, page.last]).toEqual([1, 550]);
      read.push(...page.messages);
    }
    expect(read.map(({ id, timestamp }) => ({ id, timestamp }))).toEqual(
      all.map(({ id, timestamp }) => ({ id, timestamp })),
    );
    expect(read.map(({ seq }) => seq)).toEqual(all.map((_, i) => i + 1));
    expect(read[0]).toMatchObject({ sender: { id: gone }, text: "old 1" });
    expect(await ben.thread(id)).toMatchObject({
      seq: 550,
      unread: 0,
      created: all[0]?.timestamp,
      updated: all.at(-1)?.timestamp,
      last: { text: "old 550" },
    });
    expect((await ann.say({ thread: id, text: "new", replyTo: all[0]?.id })).seq).toBe(551);
    expect(await ben.thread(id)).toMatchObject({ unread: 1 });
    const edit = await ann.send({ type: "edit", edit: { thread: id, id: all[200]?.id, text: "corrected" } });
    expect(edit.status).toBe(200);
  });

  test("is the same however often it is imported, and by however many at once", async () => {
    const { ben, id } = await room();
    const messages = old(ben.entity, 120);
    const first = await server("POST", `threads/${id}/import`, { messages: messages.slice(0, 70) });
    expect(first.json).toEqual({ imported: 70, known: 0, seq: 70 });
    const all = await Promise.all([1, 2, 3].map(() => server("POST", `threads/${id}/import`, { messages })));
    expect(all.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(all.reduce((sum, { json }) => sum + Object(json).imported, 0)).toBe(50);
    expect((await ben.thread(id)).seq).toBe(120);
  });

  test("is announced to nobody as new: streams that are behind read the history again", async () => {
    const { ann, ben, id } = await room();
    const before = await ben.poll();
    const quiet = await ben.poll(`?wait=0&cursor=${encodeURIComponent(before.cursor)}`);
    await elsewhere.call("GET", `stream/${ben.token}?wait=0&cursor=${encodeURIComponent(quiet.cursor)}`);
    /** Polls until something else than presence comes. */
    const hear = async (cursor: string): Promise<unknown> => {
      const { json } = await elsewhere.call("GET", `stream/${ben.token}?wait=10&cursor=${encodeURIComponent(cursor)}`);
      const { stanzas, cursor: next } = Object(json);
      return stanzas.every(({ type }: { type: string }) => type === "presence") ? hear(next) : stanzas;
    };
    const held = hear(quiet.cursor);
    await server("POST", `threads/${id}/import`, { messages: old(ann.entity, 3) });
    const resync = { type: "resync", resync: { reason: "trimmed", threads: [{ id, seq: 3, unread: 0 }] } };
    expect(await held).toContainEqual(resync);
    for (const at of [chat, elsewhere]) {
      const news = await ben.news(quiet.cursor, at);
      expect(news).toMatchObject([resync]);
      expect(messagesOf(news)).toEqual([]);
    }
  });

  test("is unread where that is asked for, and otherwise leaves alone what was unread", async () => {
    const { ann, ben, id } = await room();
    await server("POST", `threads/${id}/import`, { messages: old(ann.entity, 3), unread: true });
    expect(await ben.thread(id)).toMatchObject({ unread: 3 });
    await server("POST", `threads/${id}/import`, { messages: old(ann.entity, 2, 3) });
    expect(await ben.thread(id)).toMatchObject({ unread: 5 });
  });

  test("is trimmed as any other", async () => {
    const small = inProcess({ history: 300 });
    const { ben, id } = await room();
    const ask = await service(small);
    for (let at = 0; at < 1_000; at += 200)
      await ask("POST", `threads/${id}/import`, { messages: old(ben.entity, 200, at) });
    const { first, last } = asPage(await ben.call("GET", `threads/${id}/messages`));
    expect([first, last]).toEqual([257, 1_000]);
    await small.stop();
  });

  test("is refused whole where one message is not sound", async () => {
    const { ann, id } = await room();
    const [one, two] = old(ann.entity, 2);
    for (const messages of [
      [],
      [two, one],
      [one, { ...two, id: one?.id }],
      [{ ...one, id: "x" }],
      [{ ...one, sender: "" }],
      [{ ...one, timestamp: "yesterday" }],
      [one, { ...two, text: "" }],
      Array.from({ length: 201 }, () => ({ ...one, id: randomUUID(), text: "x" })),
    ])
      expect((await server("POST", `threads/${id}/import`, { messages })).json).toMatchObject({ code: "invalid" });
    expect((await ann.thread(id)).seq).toBe(0);
    expect((await server("POST", "threads/none/import", { messages: [one] })).json).toMatchObject({
      code: "thread_not_found",
    });
  });

  test("names the message that is not sound", async () => {
    const { ann, id } = await room();
    const [one, two] = old(ann.entity, 2);
    const paths = [
      [[two, one], "messages.1.timestamp"],
      [[one, { ...two, timestamp: "2999-01-01T00:00:00Z" }], "messages.1.timestamp"],
      [[one, { ...two, text: " " }], "messages.1.text"],
      [[{ ...one, attachments: [{ url: "https://example.com/files/x", file: "x" }] }], "messages.0.attachments.0.file"],
    ];
    for (const [messages, path] of paths) {
      const { json } = await server("POST", `threads/${id}/import`, { messages });
      expect([path, json]).toMatchObject([path, { code: "invalid", issues: [{ path }] }]);
    }
    const long = await server("POST", `threads/${id}/import`, { messages: [one, { ...two, text: "a".repeat(8_193) }] });
    expect(long.json).toMatchObject({ code: "too_large", detail: expect.stringMatching(/^messages\.1\.text: /) });
  });

  test("is of the thread that the URL names, and of no recipients", async () => {
    const { ann, id } = await room();
    const messages = old(ann.entity, 1).map((it) => ({ ...it, thread: "other", to: ["eve"] }));
    await server("POST", `threads/${id}/import`, { messages });
    const [read] = asPage(await ann.call("GET", `threads/${id}/messages`)).messages;
    expect(read).toMatchObject({ thread: id, text: "old 1" });
    expect(read).not.toHaveProperty("to");
  });

  test("has the files that its senders have uploaded, and no others", async () => {
    const { ann, ben, id } = await room();
    const wish = { name: "a.txt", type: "text/plain", size: 3 };
    const { file, upload } = Object((await ann.call("POST", "files", wish)).json);
    const { method, url, headers } = upload;
    await chat.fetch(url.slice("/nereid-chat/".length), { method, headers, body: "old" });
    const attachments = [{ url: `http://chat.test/nereid-chat/files/${file}`, file }];
    const put = (sender: string) =>
      server("POST", `threads/${id}/import`, { messages: old(sender, 1).map((it) => ({ ...it, attachments })) });
    expect((await put(ben.entity)).json).toMatchObject({ issues: [{ path: "messages.0.attachments.0.file" }] });
    expect((await put(ann.entity)).json).toMatchObject({ imported: 1 });
    const [read] = asPage(await ben.call("GET", `threads/${id}/messages`)).messages;
    expect(read).toMatchObject({ attachments: [{ file, name: "a.txt", contentType: "text/plain", size: 3 }] });
    expect((await ben.call("GET", `files/${file}`)).status).toBe(302);
  });

  test("has its HTML sanitised", async () => {
    const { ann, id } = await room();
    const [one] = old(ann.entity, 1);
    await server("POST", `threads/${id}/import`, {
      messages: [{ ...one, type: "html", text: "<b>Hi</b><script>x</script>" }],
    });
    const { messages } = asPage(await ann.call("GET", `threads/${id}/messages`));
    expect(messages).toMatchObject([{ text: "<b>Hi</b>" }]);
  });
});
