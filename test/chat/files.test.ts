import { randomBytes, randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createServerApi } from "../../lib/backend/server-api.js";
import { sweepFiles } from "../../lib/chat/file-sweep.js";
import type { ChatOptions } from "../../lib/config.js";
import { type BlobService, startBlobService } from "../support/blob-service.js";
import { startBucket, type TestBucket } from "../support/bucket.js";
import { composeChat } from "../support/chat.js";
import { type InProcess, inProcess } from "../support/in-process.js";
import { type Outsider, outsider, somebody } from "../support/outsider.js";
import { session } from "../support/site.js";

const folder = join(tmpdir(), `chat-files-${randomBytes(6).toString("hex")}`);
const prefix = `files-${randomUUID().slice(0, 8)}:`;
const PNG = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), randomBytes(5_000)]);
const DAY = 86_400_000;

let bucket: TestBucket;
let service: BlobService;
beforeAll(async () => {
  bucket = await startBucket();
  service = await startBlobService();
  vi.stubGlobal("fetch", service.fetch);
});
afterAll(async () => {
  vi.unstubAllGlobals();
  await bucket.stop();
  await service.stop();
  await rm(folder, { recursive: true, force: true });
});

const Granted = v.object({
  file: v.string(),
  upload: v.object({ method: v.string(), url: v.string(), headers: v.record(v.string(), v.string()) }),
});
const Signed = v.object({ files: v.array(v.object({ id: v.string(), url: v.string() })) });

describe.each(["folder", "bucket", "store of Vercel Blob"] as const)("files in a %s", (kind) => {
  let chat: InProcess;
  let store: ReturnType<typeof composeChat>;
  let [ann, ben, eve]: Outsider[] = [];
  let room: string;

  beforeAll(async () => {
    const options: ChatOptions = {
      ...settingsOf(kind),
      ...{ prefix: `${prefix}${kind[0]}:`, guests: true, fileMax: 100_000, rateSend: 1_000, rateToken: 1_000 },
    };
    chat = inProcess(options);
    store = composeChat(options);
    [ann, ben, eve] = await Promise.all(["ann", "ben", "eve"].map((it) => outsider(chat, somebody(it))));
    room = randomUUID();
    await they(ann).call("POST", "threads", { kind: "room", id: room, members: [they(ben).entity] });
  });
  afterAll(() => chat.stop());

  /** Somebody who has come. */
  function they(who: Outsider | undefined): Outsider {
    if (who === undefined) throw new Error("Nobody has come");
    return who;
  }

  async function grant(who: Outsider | undefined, wish: Record<string, unknown> = {}) {
    const file = { name: "tea.png", type: "image/png", size: PNG.length, thread: room, ...wish };
    return they(who).call("POST", "files", file);
  }

  /** Sends a request to a URL that was signed. */
  function fetchSigned(url: string, init: RequestInit = {}): Promise<Response> {
    return url.startsWith("/nereid-chat/") ? chat.fetch(url.slice("/nereid-chat/".length), init) : fetch(url, init);
  }

  async function upload(who: Outsider | undefined, content: Buffer = PNG, wish: Record<string, unknown> = {}) {
    const { status, json, text } = await grant(who, { size: content.length, ...wish });
    if (status !== 201) throw new Error(`No upload: ${status} ${text}`);
    const granted = v.parse(Granted, json);
    const { url, method, headers } = granted.upload;
    const response = await fetchSigned(url, { method, headers, body: new Uint8Array(content) });
    return {
      file: granted.file,
      url: `http://chat.test/nereid-chat/files/${granted.file}`,
      status: response.status,
      put: url,
    };
  }

  function send(who: Outsider | undefined, message: Record<string, unknown>) {
    return they(who).send({ type: "message", message: { thread: room, ...message } });
  }

  async function read(who: Outsider | undefined, file: string): Promise<Response | number> {
    const { status, headers } = await they(who).call("GET", `files/${file}`);
    return status === 302 ? fetchSigned(headers.get("location") ?? "") : status;
  }

  async function statusOf(who: Outsider | undefined, file: string): Promise<number> {
    const answer = await read(who, file);
    return typeof answer === "number" ? answer : answer.status;
  }

  async function stored(file: string): Promise<boolean> {
    if (kind === "bucket") return bucket.objects.has(`/files/${file}`);
    if (kind !== "folder") return [...service.blobs.keys()].some((it) => it.startsWith(`nereid-chat/${file}/`));
    return (await readdir(folder).catch((): string[] => [])).includes(file);
  }

  test("travel with a message, with what they really are, and are read by the members alone", async () => {
    const { file, url, status } = await upload(ann);
    expect(status).toBeLessThan(300);
    expect(await statusOf(ben, file)).toBe(404);
    const id = randomUUID();
    const attachments = [{ url, file, name: "other.html", contentType: "text/html", size: 1, alt: "Tea", width: 4 }];
    expect((await send(ann, { id, attachments })).status).toBe(200);
    expect((await send(ann, { id, attachments })).json).toMatchObject({ results: [{ duplicate: true }] });
    const said = (await they(ben).call("GET", `threads/${room}/messages?limit=1`)).json;
    const real = { url, file, name: "tea.png", contentType: "image/png", size: PNG.length, alt: "Tea", width: 4 };
    expect(said).toMatchObject({ messages: [{ id, attachments: [real] }] });
    const answer = await read(ben, file);
    if (typeof answer === "number") throw new Error(`Cannot read it: ${answer}`);
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(PNG);
    expect(answer.headers.get("content-type")).toBe("image/png");
    expect(await statusOf(eve, file)).toBe(404);
    const { files } = v.parse(
      Signed,
      (await they(ben).call("GET", `files?id=${file}&id=${"x".repeat(22)}&id=none`)).json,
    );
    expect(files.map((it) => it.id)).toEqual([file]);
    expect((await they(eve).call("GET", `files?id=${file}`)).json).toMatchObject({ max: 100_000, files: [] });
  });

  test("go with the first message of a room, and of a direct thread", async () => {
    for (const place of [{ thread: randomUUID() }, { thread: undefined }]) {
      const { file, url } = await upload(ann, PNG, { thread: undefined });
      const to = [they(eve).entity];
      expect((await send(ann, { ...place, to, attachments: [{ url, file }] })).status).toBe(200);
      expect(await statusOf(eve, file)).toBe(200);
    }
  });

  test("are refused to whoever may not send there", async () => {
    expect((await grant(eve)).json).toMatchObject({ status: 404, code: "thread_not_found" });
    const cas = await outsider(chat, somebody("cas"));
    await they(ann).call("PATCH", `threads/${room}`, {
      add: [cas.entity],
      role: { entity: cas.entity, role: "visitor" },
    });
    expect((await grant(cas)).json).toMatchObject({ status: 403, code: "cannot_send" });
  });

  test.each<[string, Record<string, unknown>, number]>([
    ["too large", { size: 100_001 }, 413],
    ["empty", { size: 0 }, 400],
    ["of a negative size", { size: -1 }, 400],
    ["a path", { name: "../../etc/passwd" }, 400],
    ["a path of Windows", { name: "..\\tea.png" }, 400],
    ["all dots", { name: ".." }, 400],
    ["under a name that shows nothing", { name: "\u3164\u200B" }, 400],
    ["with a line break", { name: "tea\r\nSet-Cookie: a.png" }, 400],
    ["with a text that runs backwards", { name: "tea\u202egnp.exe" }, 400],
    ["under too long a name", { name: `${"ä".repeat(128)}.png` }, 413],
    ["a page by its name", { name: "tea.html" }, 400],
    ["no type", { type: "png" }, 400],
    ["a type with parameters", { type: "image/png; charset=utf-8" }, 400],
  ])("that are %s are refused", async (_, wish, status) => {
    expect((await grant(ann, wish)).status).toBe(status);
  });

  test.each<[string, string, string, Buffer]>([
    ["HTML that says it is a picture", "image/png", "tea.png", Buffer.from("<!doctype html><script>alert(1)</script>")],
    ["SVG that says it is a picture", "image/webp", "tea.webp", Buffer.from("<svg onload='alert(1)'/>")],
    ["a script that says it is a film", "video/mp4", "tea.mp4", Buffer.from("alert('hello, hello')")],
  ])("%s is not sent", async (_, type, name, content) => {
    const { file, url } = await upload(ann, content, { type, name });
    const { status, json } = await send(ann, { attachments: [{ url, file }] });
    expect(status).toBe(400);
    expect(json).toMatchObject({ issues: [{ path: "message.attachments.0.file" }] });
    expect(JSON.stringify(json)).toContain(type);
  });

  test.each([
    ["image/svg+xml", "tea.svg", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"],
    ["text/html", "tea.html", "<script>alert(1)</script>"],
    ["application/javascript", "tea.js", "alert(1)"],
    ["application/xhtml+xml", "tea.xhtml", "<html xmlns='http://www.w3.org/1999/xhtml'/>"],
  ])("of type %s are bytes to be saved", async (type, name, content) => {
    const { file, url } = await upload(ann, Buffer.from(content), { type, name });
    expect((await send(ann, { attachments: [{ url, file }] })).status).toBe(200);
    const answer = await read(ben, file);
    if (typeof answer === "number") throw new Error(`Cannot read it: ${answer}`);
    expect(answer.headers.get("content-type")).toBe("application/octet-stream");
    expect(answer.headers.get("content-disposition")).toMatch(/^attachment; /);
  });

  test("a picture that is also a page is served as a picture", async () => {
    const both = Buffer.concat([PNG.subarray(0, 8), Buffer.from("<script>alert(1)</script>")]);
    const { file, url } = await upload(ann, both);
    await send(ann, { attachments: [{ url, file }] });
    expect(await statusOf(ben, file)).toBe(200);
    const answer = await read(ben, file);
    expect(typeof answer === "number" || answer.headers.get("content-type")).toBe("image/png");
  });

  test("are not sent by another, twice, elsewhere, before they are there, or under another URL", async () => {
    const { file, url } = await upload(ann);
    expect((await send(ben, { attachments: [{ url, file }] })).status).toBe(400);
    const elsewhere = randomUUID();
    await they(ann).call("POST", "threads", { kind: "room", id: elsewhere, members: [] });
    expect((await send(ann, { thread: elsewhere, attachments: [{ url, file }] })).status).toBe(400);
    expect((await send(ann, { attachments: [{ url: "https://example.org/", file }] })).status).toBe(400);
    expect((await send(ann, { attachments: [{ url, file }] })).status).toBe(200);
    const other = await upload(ann);
    const attachments = [{ url: "https://example.org/" }, { url: other.url, file: other.file }, { url, file }];
    expect((await send(ann, { attachments })).json).toMatchObject({
      code: "invalid",
      issues: [{ path: "message.attachments.2.file" }],
    });
    const { file: missing } = v.parse(Granted, (await grant(ann)).json);
    const absent = { url: url.replace(file, missing), file: missing };
    expect((await send(ann, { attachments: [absent] })).json).toMatchObject({ code: "invalid" });
    for (const strange of ["x".repeat(22), "../secret", 7, {}])
      expect((await send(ann, { attachments: [{ url, file: strange }] })).json).toMatchObject({
        issues: [{ path: "message.attachments.0.file" }],
      });
    expect((await send(ann, { attachments: [{ url, file: null }] })).status).toBe(200);
  });

  test("that were not what was said cannot be uploaded", async () => {
    const { json } = await grant(ann, { size: 10 });
    const { url, method, headers } = v.parse(Granted, json).upload;
    const { "content-length": _, ...others } = headers;
    const response = await fetchSigned(url, { method, headers: others, body: new Uint8Array(PNG) });
    expect([400, 403]).toContain(response.status);
  });

  test("are gone when their message is retracted, corrected without them, or its thread deleted", async () => {
    const [retracted, dropped, deleted] = await Promise.all([upload(ann), upload(ann), upload(ann)]);
    const ids = [randomUUID(), randomUUID(), randomUUID()];
    for (const [i, { file, url }] of [retracted, dropped, deleted].entries())
      await send(ann, { id: ids[i], text: "Tea", attachments: [{ file, url }] });
    await they(ann).send({ type: "retract", retract: { thread: room, id: ids[0] } });
    expect([await statusOf(ben, retracted.file), await stored(retracted.file)]).toEqual([404, false]);
    const another = await upload(ann);
    const attachments = [{ file: another.file, url: another.url }];
    expect((await they(ann).send({ type: "edit", edit: { thread: room, id: ids[1], attachments } })).status).toBe(200);
    expect([await statusOf(ben, dropped.file), await stored(dropped.file)]).toEqual([404, false]);
    expect(await statusOf(ben, another.file)).toBe(200);
    const authorization = `Bearer ${await session("server", { scope: "chat:server" })}`;
    const own = randomUUID();
    await they(ann).call("POST", "threads", { kind: "room", id: own, members: [they(ben).entity] });
    const last = await upload(ann, PNG, { thread: own });
    await send(ann, { thread: own, attachments: [{ file: last.file, url: last.url }] });
    expect(await statusOf(ben, last.file)).toBe(200);
    await chat.call("DELETE", `server/threads/${own}`, { headers: { authorization } });
    expect(await statusOf(ben, last.file)).toBe(404);
    await sweepFiles(store, 100, Date.now());
    expect(await stored(last.file)).toBe(false);
  });

  test("that were not sent are removed after a day, and those that were stay", async () => {
    const [unsent, sent] = await Promise.all([upload(ann), upload(ann)]);
    await send(ann, { attachments: [{ file: sent.file, url: sent.url }] });
    expect(await sweepFiles(store, 1_000, Date.now())).toBe(0);
    expect(await stored(unsent.file)).toBe(true);
    expect(await sweepFiles(store, 1_000, Date.now() + DAY + 1_000)).toBeGreaterThan(0);
    expect([await stored(unsent.file), await stored(sent.file)]).toEqual([false, true]);
    expect((await send(ann, { attachments: [{ file: unsent.file, url: unsent.url }] })).status).toBe(400);
    expect(await statusOf(ben, sent.file)).toBe(200);
  });

  test("of somebody who is erased are gone", async () => {
    const dan = await outsider(chat, somebody("dan"));
    await they(ann).call("PATCH", `threads/${room}`, { add: [dan.entity] });
    const { file, url } = await upload(dan);
    await send(dan, { attachments: [{ file, url }] });
    const authorization = `Bearer ${await session("server", { scope: "chat:server" })}`;
    const server = createServerApi(({ path, headers, ...init }) =>
      chat.fetch(path.slice(1), { ...init, headers: { ...headers, authorization } }),
    );
    await server.erase(dan.entity);
    expect(await statusOf(ben, file)).toBe(404);
    await sweepFiles(store, 100, Date.now());
    expect(await stored(file)).toBe(false);
  });

  test("of a guest are few", async () => {
    const gus = await guest();
    const answers = [];
    for (let i = 0; i < 25; i++) answers.push((await grant(gus, { thread: undefined })).status);
    expect(answers.filter((it) => it === 201)).toHaveLength(20);
    expect(answers.at(-1)).toBe(429);
  });

  async function guest(): Promise<Outsider> {
    const { json } = await chat.call("POST", "token", { body: { displayName: "Gus" } });
    const { token } = v.parse(v.object({ token: v.string() }), json);
    const call: Outsider["call"] = (method, path, body) =>
      chat.call(method, path, { body, headers: { authorization: `Bearer ${token}` } });
    return { ...they(ann), call };
  }
});

function settingsOf(kind: string): ChatOptions {
  if (kind === "folder") return { filesFolder: folder };
  return kind === "bucket" ? bucket.settings : { blobToken: service.token };
}

describe("a folder", () => {
  const chat = inProcess({ filesFolder: folder, prefix: `${prefix}alone:`, fileMax: 100_000 });
  afterAll(() => chat.stop());

  async function put(
    type = "image/png",
  ): Promise<{ path: string; headers: Record<string, string>; ann: Outsider; file: string }> {
    const ann = await outsider(chat, somebody("ann"));
    const wish = { name: "tea", type, size: PNG.length };
    const { file, upload } = v.parse(Granted, (await ann.call("POST", "files", wish)).json);
    return { path: upload.url.slice("/nereid-chat/".length), headers: upload.headers, ann, file };
  }

  test("writes a file once, under its id, and readable by this user of the machine alone", async () => {
    const { path, headers, ann, file } = await put();
    const init = { method: "PUT", headers };
    expect((await chat.fetch(path, { ...init, body: new Uint8Array(PNG) })).status).toBe(204);
    const other = Buffer.alloc(PNG.length, 1);
    expect((await chat.fetch(path, { ...init, body: new Uint8Array(other) })).status).toBe(204);
    const { headers: said } = await ann.call("GET", `files/${file}`);
    const read = await chat.fetch((said.get("location") ?? "").slice("/nereid-chat/".length));
    expect(Buffer.from(await read.arrayBuffer())).toEqual(PNG);
    expect(read.headers.get("content-security-policy")).toContain("sandbox");
    expect(read.headers.get("x-content-type-options")).toBe("nosniff");
    expect((await readdir(folder)).filter((it) => it.endsWith(".part"))).toEqual([]);
  });

  test("takes no upload under a type that a server around the chat would parse, or take for a form", async () => {
    for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const { headers } = await put(type);
      expect(headers).toEqual({ "content-type": "application/octet-stream" });
    }
  });

  test("serves parts, as players ask for them", async () => {
    const { path, headers, ann, file } = await put();
    await chat.fetch(path, { method: "PUT", headers, body: new Uint8Array(PNG) });
    const { headers: said } = await ann.call("GET", `files/${file}`);
    const url = (said.get("location") ?? "").slice("/nereid-chat/".length);
    const part = async (range: string) => {
      const answer = await chat.fetch(url, { headers: { range } });
      return [answer.status, answer.headers.get("content-range"), (await answer.arrayBuffer()).byteLength];
    };
    const size = PNG.length;
    expect(await part("bytes=0-9")).toEqual([206, `bytes 0-9/${size}`, 10]);
    expect(await part("bytes=-5")).toEqual([206, `bytes ${size - 5}-${size - 1}/${size}`, 5]);
    expect(await part("bytes=8-")).toEqual([206, `bytes 8-${size - 1}/${size}`, size - 8]);
    expect(await part(`bytes=${size}-`)).toEqual([416, `bytes */${size}`, 0]);
    expect(await part("bytes=0-1,4-5")).toEqual([200, null, size]);
  });

  test("takes no URL that it has not signed, and none for another file or purpose", async () => {
    const { path, headers, ann, file } = await put();
    const [place = "", ticket = ""] = path.split("?ticket=");
    const tried = [`${place}?ticket=`, place, `${path}x`, `${place}?ticket=${ticket.replace(/^./, "x")}`];
    for (const url of [...tried, path.replace(file, "x".repeat(22))]) {
      const answer = await chat.fetch(url, { method: "PUT", headers, body: new Uint8Array(PNG) });
      expect([400, 403]).toContain(answer.status);
    }
    expect((await chat.fetch(path)).status).toBe(403);
    expect((await ann.call("GET", "files/..%2f..%2fetc%2fpasswd")).status).toBe(404);
  });

  test("is not there where none is set: no file is taken, and none is named", async () => {
    const bare = inProcess({ prefix: `${prefix}bare:` });
    const ann = await outsider(bare, somebody("ann"));
    const wish = { name: "tea.png", type: "image/png", size: 5 };
    expect((await ann.call("POST", "files", wish)).json).toMatchObject({ status: 404, code: "not_found" });
    const none = { max: 0, types: [], files: [] };
    expect((await ann.call("GET", "files")).json).toEqual(none);
    expect((await ann.call("GET", `files?id=${"x".repeat(22)}`)).json).toEqual(none);
    expect((await ann.call("GET", `files/${"x".repeat(22)}`)).status).toBe(404);
    const id = "x".repeat(22);
    const attachments = [{ url: `https://example.org/files/${id}`, file: id }];
    expect((await ann.send({ type: "message", message: { to: [ann.entity], attachments } })).status).toBe(404);
    await bare.stop();
  });
});
