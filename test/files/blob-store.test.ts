import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { del, head, issueSignedToken, list, presignUrl, put as putAsOwner } from "@vercel/blob";
import { handleUploadPresigned, uploadPresigned } from "@vercel/blob/client";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createBlobStore } from "../../lib/files/blob-store.js";
import { signUrl } from "../../lib/files/blob-url.js";
import type { Storage, Upload } from "../../lib/files/stored-file.js";
import { type BlobService, startBlobService } from "../support/blob-service.js";

// The service itself cannot be reached from here. So the library's own code speaks to a server of this machine first, and what the server
// takes from the library it must take from the chat.

let service: BlobService;
let storage: Storage;
beforeAll(async () => {
  service = await startBlobService();
  vi.stubGlobal("fetch", service.fetch);
  vi.stubEnv("VERCEL_BLOB_API_URL", service.api);
  vi.stubEnv("BLOB_READ_WRITE_TOKEN", service.token);
});
afterAll(async () => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  await service.stop();
});
beforeEach(() => {
  service.blobs.clear();
  service.asked.clear();
  storage = createBlobStore({ blobStore: service.store, token: service.token });
});

const file = { id: "LS0gdGhlIGlkIG9mIGEgZg", name: "Tee Öl (2).png", type: "image/png", size: 5 };
const PLACE = `nereid-chat/${file.id}/${file.name}`;

function put({ url, method, headers }: Upload, body: string, changed: Record<string, string | undefined> = {}) {
  const sent = Object.entries({ ...headers, ...changed }).filter((it): it is [string, string] => it[1] !== undefined);
  return fetch(url, { method, headers: sent, body });
}

describe("the server of these tests", () => {
  test("speaks with the library: puts, heads, lists, deletes", async () => {
    const options = { access: "private", contentType: "text/plain" } as const;
    expect(await putAsOwner("a/b.txt", "hello", options)).toMatchObject({ pathname: "a/b.txt" });
    await expect(putAsOwner("a/b.txt", "hello", options)).rejects.toThrow("already exists");
    expect(await head("a/b.txt")).toMatchObject({ size: 5, contentType: "text/plain" });
    expect((await list({ prefix: "a/" })).blobs).toMatchObject([{ pathname: "a/b.txt", size: 5 }]);
    await del("a/b.txt");
    expect((await list({ prefix: "a/" })).blobs).toEqual([]);
    await expect(head("a/b.txt")).rejects.toThrow("does not exist");
    await expect(head("a", { token: "vercel_blob_rw_Zq3mTnWd81_other" })).rejects.toThrow("Access denied");
  });

  test("takes the uploads that the library's client sends to a signed URL, within what was signed", async () => {
    const rules = { allowedContentTypes: ["image/png"], maximumSizeInBytes: 5, allowOverwrite: false };
    const host = await hostOf(rules);
    const send = (pathname: string, content: string, contentType = "image/png") =>
      uploadPresigned(pathname, content, { access: "private", handleUploadUrl: host.url, contentType });
    await expect(send("a.png", "hello, all")).rejects.toThrow("too large");
    await expect(send("a.png", "hello", "text/html")).rejects.toThrow("Content type mismatch");
    expect(await send("a.png", "hello")).toMatchObject({ pathname: "a.png", contentType: "image/png" });
    await expect(send("a.png", "hello")).rejects.toThrow("already exists");
    host.stop();
  });
});

/** The route of a host application that signs uploads as the library has it. */
async function hostOf(urlOptions: Record<string, unknown>) {
  const server = createServer(async (request, response) => {
    const reply = await handleUploadPresigned({
      ...{ body: JSON.parse(await text(request)), request, webhookPublicKey: "none" },
      getSignedToken: async (pathname) => ({
        token: await issueSignedToken({ pathname, operations: ["put"] }),
        urlOptions,
      }),
    });
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(reply));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`,
    stop: () => server.closeAllConnections() ?? server.close(),
  };
}

describe("a URL", () => {
  const token = {
    delegationToken: `${Buffer.from(
      JSON.stringify({
        ...{ storeId: "store_Zq3mTnWd81", pathname: "*", operations: ["get", "put"] },
        validUntil: 4_000_000_000_000,
      }),
    ).toString("base64url")}.signature`,
    clientSigningToken: "not a secret",
    validUntil: 4_000_000_000_000,
  };
  const until = 3_999_999_999_000;

  test.each(["tea.png", "Tee Öl (2).png", "スクリーンショット.png", "😀.png", "a-b_c.d"])(
    "to %s is signed as the library signs it",
    async (name) => {
      const pathname = `nereid-chat/${file.id}/${name}`;
      const read = await presignUrl(token, { operation: "get", pathname, access: "private", validUntil: until });
      const host = new URL(pathname, "https://zq3mtnwd81.private.blob.vercel-storage.com/");
      expect(signUrl(host, token, { operation: "get", pathname, until })).toBe(read.presignedUrl);
      const written = await presignUrl(token, {
        ...{ operation: "put", pathname, access: "private", validUntil: until, maximumSizeInBytes: 5 },
        ...{
          allowedContentTypes: ["image/png"],
          addRandomSuffix: false,
          allowOverwrite: false,
          cacheControlMaxAge: 300,
        },
      });
      const rules = {
        "vercel-blob-allowed-content-types": "image/png",
        "vercel-blob-maximum-size-in-bytes": "5",
        "vercel-blob-add-random-suffix": "false",
        "vercel-blob-allow-overwrite": "false",
        "vercel-blob-cache-control-max-age": "300",
      };
      const place = new URL(`${service.api}/`);
      place.searchParams.set("pathname", pathname);
      expect(signUrl(place, token, { operation: "put", pathname, until, rules })).toBe(written.presignedUrl);
    },
  );

  test("that ends with what it is signed by does not name its end, as in the library", async () => {
    const options = { operation: "get", pathname: "a", access: "private", validUntil: token.validUntil } as const;
    const place = new URL("https://zq3mtnwd81.private.blob.vercel-storage.com/a");
    const signed = signUrl(place, token, { operation: "get", pathname: "a", until: token.validUntil });
    expect(signed).toBe((await presignUrl(token, options)).presignedUrl);
  });
});

describe("a store of Vercel Blob", () => {
  test("takes a file, tells its size and how it begins, and forgets it, also by its id alone", async () => {
    expect(await storage.look(file)).toBeUndefined();
    expect((await put(await storage.upload(file, Date.now()), "hello")).status).toBe(200);
    expect([...service.blobs.keys()]).toEqual([PLACE]);
    expect(await storage.look(file)).toEqual({ size: 5, head: Buffer.from("hello") });
    await storage.remove(file.id);
    expect(service.blobs.size).toBe(0);
    expect(await storage.look(file)).toBeUndefined();
    await storage.remove(file.id);
  });

  test("refuses another type, none, more, another path, what is late, and a second content", async () => {
    const upload = await storage.upload(file, Date.now());
    const typed = (type: string | undefined) => ({ "content-type": type, "x-content-type": type });
    expect((await put(upload, "hello", typed("text/html"))).status).toBe(400);
    const page = await storage.upload({ ...file, name: "tea.html", type: "text/html" }, Date.now());
    expect((await put(page, "hello", typed("text/html"))).status).toBe(400);
    expect((await put(page, "hello", { "x-content-type": undefined, "content-type": "text/html" })).status).toBe(400);
    expect((await put(upload, "hello, and more")).status).toBe(400);
    expect((await put(upload, "hello", { "x-vercel-blob-access": "public" })).status).toBe(400);
    const other = { ...upload, url: upload.url.replace(file.id, "b".repeat(22)) };
    expect((await put(other, "hello")).status).toBe(403);
    const larger = { ...upload, url: upload.url.replace("size-in-bytes=5", "size-in-bytes=50") };
    expect((await put(larger, "hello, and more")).status).toBe(403);
    expect((await put(await storage.upload(file, Date.now() - 301_000), "hello")).status).toBe(403);
    expect(service.blobs.size).toBe(0);
    expect((await put(upload, "hello")).status).toBe(200);
    expect((await put(upload, "other")).status).toBe(400);
    expect((await storage.look(file))?.head).toEqual(Buffer.from("hello"));
  });

  test("serves a picture in place, and anything else as bytes to be saved, to whoever has the URL", async () => {
    await put(await storage.upload(file, Date.now()), "hello");
    const url = await storage.read(file, Date.now());
    const shown = await fetch(url, { headers: { range: "bytes=1-2" } });
    expect([shown.status, await shown.text()]).toEqual([206, "el"]);
    expect(shown.headers.get("content-type")).toBe("image/png");
    expect(shown.headers.get("content-disposition")).toMatch(/^inline; filename="Tee%20%C3%96l%20\(2\)\.png"/);
    const page = { ...file, id: "b".repeat(22), name: "tea.html", type: "text/html" };
    await put(await storage.upload(page, Date.now()), "hello");
    const saved = await fetch(await storage.read(page, Date.now()));
    expect(saved.headers.get("content-type")).toBe("application/octet-stream");
    expect(saved.headers.get("content-disposition")).toMatch(/^attachment; /);
    for (const wrong of [url.split("?")[0] ?? "", url.replace(file.id, page.id)])
      expect((await fetch(wrong)).status).toBe(403);
    expect((await fetch(await storage.read(file, Date.now() - 3_601_000))).status).toBe(403);
    const upload = await storage.upload(file, Date.now());
    const signedToRead = new URL(upload.url);
    signedToRead.search = `${new URL(url).search}&pathname=${encodeURIComponent(PLACE)}`;
    expect((await put({ ...upload, url: signedToRead.href }, "hello")).status).toBe(403);
  });

  test("keeps a name that a URL or a header would take for something else", async () => {
    const odd = { ...file, name: 'a?b#c%2fd"e;f&g=h+i..[1].png' };
    expect((await put(await storage.upload(odd, Date.now()), "hello")).status).toBe(200);
    expect([...service.blobs.keys()]).toEqual([`nereid-chat/${file.id}/a_b_c_2fd_e_f_g_h_i..[1].png`]);
    expect((await fetch(await storage.read(odd, Date.now()))).status).toBe(200);
    expect((await storage.look(odd))?.size).toBe(5);
  });

  test("is asked once for what signs its URLs, and again before that would end", async () => {
    const issued = () => service.asked.get("POST /api/blob/signed-token");
    const now = Date.now();
    await Promise.all([storage.read(file, now), storage.read(file, now), storage.upload(file, now)]);
    await storage.read(file, now + 5 * 3_600_000);
    expect(issued()).toBe(1);
    await storage.read(file, now + 5 * 3_600_000 + 1);
    expect(issued()).toBe(2);
  });

  test("that does not answer is an error, and so is a wrong token; neither is kept", async () => {
    const strange = createBlobStore({ blobStore: service.store, token: `${service.token}x` });
    await expect(strange.read(file, Date.now())).rejects.toThrow("POST with 403 forbidden");
    await expect(strange.look(file)).rejects.toThrow("GET with 403");
    await expect(strange.remove(file.id)).rejects.toThrow("403 forbidden");
    vi.stubGlobal("fetch", () => Promise.reject(new Error("no network")));
    await expect(storage.read(file, Date.now())).rejects.toThrow("no network");
    vi.stubGlobal("fetch", service.fetch);
    expect(await storage.read(file, Date.now())).toContain(file.id);
  });

  test("without a token is used as the project that the function belongs to", async () => {
    const context = Symbol.for("@vercel/request-context");
    const ofProject = createBlobStore({ blobStore: service.store, token: undefined });
    await expect(ofProject.remove(file.id)).rejects.toThrow();
    const header = Buffer.from("{}").toString("base64url");
    const payload = Buffer.from(JSON.stringify({ exp: 4_000_000_000 })).toString("base64url");
    const asked: (string | null)[] = [];
    vi.stubGlobal("fetch", (_: string, init: RequestInit) => {
      asked.push(new Headers(init.headers).get("authorization"));
      return Promise.resolve(Response.json({ blobs: [] }));
    });
    Reflect.set(globalThis, context, {
      get: () => ({ headers: { "x-vercel-oidc-token": `${header}.${payload}.s` } }),
    });
    await ofProject.remove(file.id);
    Reflect.deleteProperty(globalThis, context);
    vi.stubGlobal("fetch", service.fetch);
    expect(asked).toEqual([`Bearer ${header}.${payload}.s`]);
  });
});
