import { randomBytes, randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { type Chat, type ChatEvent, connect } from "../../../lib/client/connect.js";
import { asPage, type Outsider, outsider, somebody } from "../../support/outsider.js";
import { type Site, site } from "../../support/site.js";

const folder = join(tmpdir(), `chat-files-${randomBytes(6).toString("hex")}`);
let server: Site;
const chats: Chat[] = [];
let [ann, ben]: Outsider[] = [];
let room: string;
beforeAll(async () => {
  const store = inject("bridge");
  if (store === undefined) throw new Error("Cannot test without a store");
  server = await site(store, { CHAT_FILES_FOLDER: folder, CHAT_FILE_MAX: "100000" });
});
beforeEach(async () => {
  [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
  room = randomUUID();
  await ann.call("POST", "threads", { kind: "room", id: room, members: [ben.entity] });
});
afterEach(async () => {
  for (const chat of chats.splice(0)) await chat.close();
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Connects Ann. `answer` answers a request before the server does, if it wants to. */
function connected(
  answer: (
    method: string,
    path: string,
    signal: AbortSignal | null | undefined,
  ) => Promise<Response | undefined> | undefined = () => undefined,
) {
  if (ann === undefined) throw new Error("Ann has not come");
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const path = `${input}`.replace(/.*\/nereid-chat\//, "");
    const { method = "GET" } = init;
    asked.push(`${method} ${path.replace(/\?.*/, "").replace(/files\/.*/, "files/…")}`);
    return (await answer(method, path, init.signal)) ?? globalThis.fetch(input, init);
  };
  const chat = connect({ url: server.url, token: ann.token, fetch });
  chats.push(chat);
  const events: ChatEvent[] = [];
  chat.on("message", (event) => events.push(event));
  chat.on("upload", (event) => events.push(event));
  const count = (what: string) => asked.filter((it) => it === what).length;
  return { chat, events, count };
}

const content = (text: string, type = "text/plain") => new Blob([text], { type });
const newest = async (limit = 5) =>
  asPage(await they().call("GET", `threads/${room}/messages?limit=${limit}`)).messages;

function they(): Outsider {
  if (ben === undefined) throw new Error("Ben has not come");
  return ben;
}

describe("a file", () => {
  it("is uploaded, sent, and read by a URL that needs no credential", async () => {
    const { chat } = connected();
    const file = new File(["all about tea"], "tea.txt", { type: "text/plain" });
    const told: number[][] = [];
    const attachment = await chat.upload(file, { thread: room, onProgress: (...numbers) => told.push(numbers) });
    expect(told.at(-1)).toEqual([13, 13]);
    expect(attachment).toMatchObject({ name: "tea.txt", contentType: "text/plain", size: 13 });
    expect(attachment.url).toBe(`${server.url}/nereid-chat/files/${attachment.file}`);
    await chat.send({ thread: room, attachments: [attachment] });
    const { max, files } = await chat.files([`${attachment.file}`]);
    expect(max).toBe(100_000);
    const read = await globalThis.fetch(`${files[0]?.url}`);
    expect(await read.text()).toBe("all about tea");
  });

  it.each([
    ["../a\\b/c.txt", ".. a b c.txt"],
    ["a\u202etxt.exe", "a txt.exe"],
    ["a\r\nb", "a  b"],
    ["..", "file.bin"],
    ["", "file.bin"],
    [`${"ä".repeat(200)}.txt`, `${"ä".repeat(125)}.txt`],
  ])("that is called %j is sent as %j", async (name, sent) => {
    const { chat } = connected();
    const { name: named } = await chat.upload({ content: content("tea", "application/x-tea"), name });
    expect(named).toBe(sent);
  });

  it("that a storage has by the same request, which a browser has repeated, is sent", async () => {
    const { chat } = connected((method, path) =>
      method !== "PUT"
        ? undefined
        : fetch(`${server.url}/nereid-chat/${path}`, { method, body: "all about tea" }).then(
            () => new Response(null, { status: 412 }),
          ),
    );
    await chat.send({ thread: room, files: [{ content: content("all about tea"), name: "tea.txt" }] });
    expect(await newest(1)).toMatchObject([{ attachments: [{ name: "tea.txt", size: 13 }] }]);
  });

  it("is refused as the deployment says", async () => {
    const { chat } = connected();
    const large = { content: content("x".repeat(100_001)), name: "large.txt" };
    await expect(chat.upload(large)).rejects.toMatchObject({ code: "too_large" });
    await expect(chat.upload({ content: content("tea"), name: "tea.png" })).resolves.toBeDefined();
    await expect(chat.upload({ content: content("tea", "image/png"), name: "tea.txt" })).rejects.toMatchObject({
      code: "invalid",
    });
  });

  it("is given up when its signal aborts, before and in the middle", async () => {
    const puts: (AbortSignal | null | undefined)[] = [];
    const { chat, count } = connected((method, _, signal) => {
      if (method !== "PUT") return undefined;
      puts.push(signal);
      return new Promise((__, reject) => signal?.addEventListener("abort", () => reject(new Error("aborted"))));
    });
    const stopped = AbortSignal.abort(new Error("enough"));
    await expect(chat.upload({ content: content("tea") }, { signal: stopped })).rejects.toThrow("enough");
    expect(count("POST files")).toBe(0);
    const controller = new AbortController();
    const uploading = chat.upload({ content: content("tea") }, { signal: controller.signal });
    await expect.poll(() => puts.length).toBe(1);
    controller.abort(new Error("enough"));
    await expect(uploading).rejects.toThrow("enough");
    expect(puts[0]?.aborted).toBe(true);
    const closing = chat.upload({ content: content("tea") }, { signal: new AbortController().signal });
    await expect.poll(() => puts.length).toBe(2);
    await chat.close();
    await expect(closing).rejects.toMatchObject({ code: "closed" });
  });

  it("that was removed since it was chosen is refused, and does not hold back the next message", async () => {
    const { chat } = connected();
    const gone = content("tea");
    gone.slice = () => Object.assign(new Blob(), { arrayBuffer: () => Promise.reject(new Error("not there")) });
    await expect(chat.upload({ content: gone })).rejects.toMatchObject({ code: "unreadable" });
    const refused = chat.send({ thread: room, text: "first", files: [{ content: gone }] });
    await Promise.all([
      expect(refused).rejects.toMatchObject({ code: "unreadable" }),
      chat.send({ thread: room, text: "second" }),
    ]);
    expect(await newest()).toMatchObject([{ text: "second" }]);
  });
});

describe("a message with files", () => {
  it("waits for them, as does what comes after it in its thread; other threads do not", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { chat, events } = connected((method) => (method === "PUT" ? held.then(() => undefined) : undefined));
    const files = [
      { content: content("one"), name: "one.txt", alt: "One" },
      { content: content("two"), name: "two.txt" },
    ];
    const sending = [chat.send({ thread: room, text: "first", files }), chat.send({ thread: room, text: "second" })];
    await chat.send({ to: [they().entity], text: "elsewhere" });
    expect(await newest()).toEqual([]);
    expect(events).toContainEqual(
      expect.objectContaining({ pending: true, message: expect.objectContaining({ files }) }),
    );
    release();
    await Promise.all(sending);
    const attachments = [
      expect.objectContaining({ name: "one.txt", alt: "One" }),
      expect.objectContaining({ name: "two.txt" }),
    ];
    expect(await newest()).toMatchObject([{ text: "first", attachments }, { text: "second" }]);
    expect((await newest())[0]).not.toHaveProperty("files");
  });

  it("goes on where the network broke off: what was uploaded is not uploaded again", async () => {
    let failures = 2;
    const { chat, events, count } = connected(async (method, path) => {
      if (method !== "PUT" || failures-- <= 0) return undefined;
      // The first one arrives; the answers are lost.
      if (failures === 1) await globalThis.fetch(`${server.url}/nereid-chat/${path}`, { method, body: "one" });
      throw new TypeError("network");
    });
    const files = ["one", "two"].map((name) => ({ content: content(name), name: `${name}.txt` }));
    const { id } = await chat.send({ thread: room, files });
    expect((await newest())[0]?.attachments).toHaveLength(2);
    for (const file of [0, 1]) expect(events).toContainEqual({ type: "upload", id, file, sent: 3, size: 3 });
    expect(count("PUT files/…")).toBe(4);
  });

  it("is refused with one of its files, and does not hold back the next one", async () => {
    const { chat, events } = connected();
    const files = [{ content: content("x".repeat(100_001)), name: "large.txt" }];
    const refused = chat.send({ thread: room, text: "first", files });
    await chat.send({ thread: room, text: "second" });
    await expect(refused).rejects.toMatchObject({ code: "too_large" });
    expect(events).toContainEqual(expect.objectContaining({ refused: expect.objectContaining({ code: "too_large" }) }));
    expect(await newest()).toMatchObject([{ text: "second" }]);
  });

  it("tells why it waits when the user has uploaded much, and then goes on", async () => {
    let refusals = 1;
    const { chat, events } = connected(async (method, path) => {
      if (method !== "POST" || path !== "files" || refusals-- <= 0) return undefined;
      const headers = { "content-type": "application/problem+json", "retry-after": "1" };
      return new Response(JSON.stringify({ code: "rate_limited", status: 429 }), { status: 429, headers });
    });
    const { id } = await chat.send({ thread: room, files: [{ content: content("one"), name: "one.txt" }] });
    const problem = expect.objectContaining({ code: "rate_limited" });
    expect(events).toContainEqual({ type: "upload", id, file: 0, sent: 0, size: 3, problem });
    expect((await newest())[0]?.attachments).toHaveLength(1);
  });

  it("can be taken back while they are uploaded, and what it held back is sent", async () => {
    const { chat, events } = connected((method) => (method === "PUT" ? new Promise<never>(() => {}) : undefined));
    const id = randomUUID();
    const sending = chat.send({ id, thread: room, files: [{ content: content("one"), name: "one.txt" }] });
    const next = chat.send({ thread: room, text: "next" });
    await expect.poll(() => events.length).toBeGreaterThan(1);
    const taken = chat.withdraw(id);
    await expect(sending).rejects.toMatchObject({ code: "withdrawn" });
    expect(await taken).toBe(true);
    await next;
    expect(await newest()).toMatchObject([{ text: "next" }]);
  });
});
