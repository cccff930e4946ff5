import { AwsV4Signer } from "aws4fetch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Bucket } from "../../lib/config-files.js";
import { createBucket } from "../../lib/files/bucket.js";
import type { Storage, Upload } from "../../lib/files/stored-file.js";
import { startBucket, type TestBucket } from "../support/bucket.js";

let bucket: TestBucket;
let storage: Storage;
beforeAll(async () => {
  bucket = await startBucket();
  storage = createBucket(settings());
});
afterAll(() => bucket.stop());

function settings(): Bucket {
  const { s3Endpoint, s3Bucket, s3Region, s3AccessKeyId, s3SecretAccessKey, s3WriteOnce } = bucket.settings;
  const key = { accessKeyId: s3AccessKeyId, secretAccessKey: s3SecretAccessKey, once: s3WriteOnce };
  return { endpoint: s3Endpoint, bucket: s3Bucket, region: s3Region, ...key };
}

const file = { id: "LS0gdGhlIGlkIG9mIGEgZg", name: "Tee & Öl (2).png", type: "image/png", size: 5 };

function put({ url, method, headers }: Upload, body: string, changed: Record<string, string> = {}) {
  return fetch(url, { method, headers: { ...headers, ...changed }, body });
}

test("the example that AWS documents has the signature that it documents", async () => {
  const signer = new AwsV4Signer({
    method: "GET",
    url: "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Expires=86400",
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ...{ service: "s3", region: "us-east-1", datetime: "20130524T000000Z", signQuery: true },
  });
  const { url } = await signer.sign();
  expect(url.searchParams.get("X-Amz-Signature")).toBe(
    "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  );
});

describe("a bucket", () => {
  test("takes a file, tells its size and how it begins, and forgets it", async () => {
    expect(await storage.look(file)).toBeUndefined();
    expect((await put(await storage.upload(file, Date.now()), "hello")).status).toBe(200);
    expect(await storage.look(file)).toEqual({ size: 5, head: new Uint8Array(Buffer.from("hello")) });
    await storage.remove(file.id);
    expect(await storage.look(file)).toBeUndefined();
    await storage.remove(file.id);
  });

  test("refuses another type, another size, another object, and what is late", async () => {
    const upload = await storage.upload(file, Date.now());
    expect((await put(upload, "hello", { "content-type": "text/html" })).status).toBe(403);
    expect((await put(upload, "hello, and more", { "content-length": "15" })).status).toBe(403);
    expect((await put({ ...upload, url: upload.url.replace(file.id, "b".repeat(22)) }, "hello")).status).toBe(403);
    expect((await put(await storage.upload(file, Date.now() - 301_000), "hello")).status).toBe(403);
  });

  test("keeps what was uploaded first, by a header that is signed", async () => {
    const upload = await storage.upload(file, Date.now());
    expect((await put(upload, "hello")).status).toBe(200);
    expect((await put(upload, "other")).status).toBe(412);
    const { "if-none-match": _, ...rest } = upload.headers;
    expect((await put({ ...upload, headers: rest }, "other")).status).toBe(403);
    expect((await storage.look(file))?.head).toEqual(new Uint8Array(Buffer.from("hello")));
    await storage.remove(file.id);
  });

  test("that does not know the header is not sent it", async () => {
    const plain = createBucket({ ...settings(), once: false });
    expect((await plain.upload(file, Date.now())).headers).not.toHaveProperty("if-none-match");
  });

  test("serves a picture in place, and anything else to be saved, under its name", async () => {
    await put(await storage.upload(file, Date.now()), "hello");
    const shown = await fetch(await storage.read(file, Date.now()));
    expect(await shown.text()).toBe("hello");
    expect(shown.headers.get("content-type")).toBe("image/png");
    const name = "filename*=UTF-8''Tee%20%26%20%C3%96l%20%282%29.png";
    expect(shown.headers.get("content-disposition")).toBe(`inline; ${name}`);
    const page = await fetch(await storage.read({ ...file, type: "text/html" }, Date.now()));
    expect(page.headers.get("content-type")).toBe("application/octet-stream");
    expect(page.headers.get("content-disposition")).toBe(`attachment; ${name}`);
  });

  test("that does not answer is an error, and so is one that refuses the server's own key", async () => {
    const gone = createBucket({ ...settings(), endpoint: "http://127.0.0.1:9" });
    await expect(gone.look(file)).rejects.toThrow();
    const strange = createBucket({ ...settings(), secretAccessKey: "another" });
    await expect(strange.look(file)).rejects.toThrow("403");
  });
});
