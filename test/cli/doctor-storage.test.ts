import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from "vitest";
import type { Environment } from "../../lib/cli/checks/settings.js";
import { type BlobService, startBlobService } from "../support/blob-service.js";
import { startBucket, type TestBucket } from "../support/bucket.js";
import { diagnose } from "./examine.js";

const store = inject("bridge") ?? { url: "http://127.0.0.1:1", token: "none" };
const set = (changes: Environment): Environment => ({
  UPSTASH_REDIS_REST_URL: store.url,
  UPSTASH_REDIS_REST_TOKEN: store.token,
  CHAT_PREFIX: "doctor-storage:",
  CHAT_JWT_SECRET: "j4Vw0Zs8rQk1nT6yXe3uBd9mPh2oLc7f",
  ...changes,
});

let service: BlobService;
let bucket: TestBucket;
beforeAll(async () => {
  [service, bucket] = await Promise.all([startBlobService(), startBucket()]);
});
afterAll(() => Promise.all([service.stop(), bucket.stop()]));
beforeEach(() => vi.stubGlobal("fetch", service.fetch));
afterEach(() => vi.unstubAllGlobals());

async function found(changes: Environment) {
  const { findings, faults, text } = await diagnose({}, { environment: set(changes) });
  return { faults, text: text("storage"), verdict: findings.find(({ subject }) => subject === "storage")?.verdict };
}

/** Lets responses of a storage be other ones. */
function change(by: (url: string, init: RequestInit | undefined, response: Response) => Response): void {
  vi.stubGlobal("fetch", async (input: string, init?: RequestInit) =>
    by(`${input}`, init, await service.fetch(input, init)),
  );
}

const ofBucket = (): Environment => ({
  CHAT_S3_ENDPOINT: bucket.settings.s3Endpoint,
  CHAT_S3_BUCKET: bucket.settings.s3Bucket,
  CHAT_S3_REGION: bucket.settings.s3Region,
  CHAT_S3_ACCESS_KEY_ID: bucket.settings.s3AccessKeyId,
  CHAT_S3_SECRET_ACCESS_KEY: bucket.settings.s3SecretAccessKey,
});

describe("the doctor follows a file through", () => {
  it("a store of Vercel Blob, and leaves nothing there", async () => {
    const { faults, text } = await found({ BLOB_READ_WRITE_TOKEN: service.token });
    expect(faults).toEqual([]);
    expect(text).toContain(`The Vercel Blob store ${service.store} takes files, serves and deletes them`);
    expect([service.blobs.size, service.refused.every((it) => it.startsWith("GET /store"))]).toEqual([0, true]);
  });

  it("a bucket, and leaves nothing there", async () => {
    expect(await found(ofBucket())).toMatchObject({ faults: [], verdict: "good" });
    expect(bucket.objects.size).toBe(0);
  });

  it("nothing, where there is a folder or no storage, or one that only functions can use", async () => {
    expect((await found({})).verdict).toBeUndefined();
    expect((await found({ CHAT_FILES_FOLDER: "/nowhere" })).verdict).toBeUndefined();
    expect((await found({ BLOB_STORE_ID: "store_a" })).verdict).toBe("skipped");
  });
});

describe("the doctor finds", () => {
  it("a wrong token, and says nothing of it", async () => {
    const { faults, text } = await found({ BLOB_READ_WRITE_TOKEN: `${service.token}x` });
    expect(faults).toEqual(["bad storage"]);
    expect(text).toMatch(/403 forbidden.*Copy BLOB_READ_WRITE_TOKEN again/);
    expect(text).not.toContain(service.token);
  });

  it("something that is no token", async () => {
    const { faults } = await found({ BLOB_READ_WRITE_TOKEN: "a secret" });
    expect(faults).toEqual(["bad variables"]);
  });

  it("a store that is public", async () => {
    change((_, init, response) => (init?.method === "PUT" ? new Response(null, { status: 400 }) : response));
    const { faults, text } = await found({ BLOB_READ_WRITE_TOKEN: service.token });
    expect([faults, text]).toEqual([["bad storage"], expect.stringMatching(/an upload with 400.*public.*CHAT_BLOB/)]);
  });

  it("a wrong key of a bucket", async () => {
    const { faults, text } = await found({ ...ofBucket(), CHAT_S3_SECRET_ACCESS_KEY: "wrong" });
    expect([faults, text]).toEqual([["bad storage"], expect.stringMatching(/an upload with 403.*CHAT_S3_REGION/)]);
  });

  it("a bucket that anyone can read", async () => {
    change((url, init, response) =>
      init?.method === undefined && !url.includes("?") && response.status === 403 ? new Response("") : response,
    );
    const { faults, text } = await found(ofBucket());
    expect([faults, text]).toEqual([["bad storage"], expect.stringMatching(/Anyone can read files/)]);
  });

  it("a storage that serves a page as a page", async () => {
    change((url, _, response) => {
      if (!url.includes("vercel-blob-signature") || url.includes("/api/blob")) return response;
      return new Response(response.body, { status: 200, headers: { "content-type": "text/html" } });
    });
    const { faults, text } = await found({ BLOB_READ_WRITE_TOKEN: service.token });
    expect([faults, text]).toEqual([["bad storage"], expect.stringMatching(/A page is served as text\/html/)]);
    expect(service.blobs.size).toBe(0);
  });

  it.each([
    [
      "the origin",
      { "access-control-allow-origin": "https://b.example" },
      /Pages of https:\/\/a\.example cannot upload/,
    ],
    [
      "a header",
      { "access-control-allow-headers": "content-type" },
      /the header if-none-match is not allowed.*CORS rule/,
    ],
  ])("a bucket that does not let pages upload, by %s", async (_, headers, said) => {
    change((_url, init, response) =>
      init?.method === "OPTIONS"
        ? new Response(null, { headers: { ...Object.fromEntries(response.headers), ...headers } })
        : response,
    );
    const origins = { CHAT_ORIGINS: "https://*.a.example, https://a.example" };
    const { faults, text } = await found({ ...ofBucket(), CHAT_S3_WRITE_ONCE: "1", ...origins });
    expect([faults, text]).toEqual([["bad storage"], expect.stringMatching(said)]);
    expect(bucket.objects.size).toBe(0);
  });

  it("a service of Vercel Blob that does not let pages upload", async () => {
    change((_, init, response) => (init?.method === "OPTIONS" ? new Response(null, { status: 400 }) : response));
    const { faults, text } = await found({ BLOB_READ_WRITE_TOKEN: service.token });
    expect([faults, text]).toEqual([["bad storage"], expect.stringMatching(/cannot upload there: 400/)]);
  });

  it("two stores, of which one is for the pages, to be no mistake", async () => {
    const pages = "vercel_blob_rw_pages_secret";
    const { faults } = await found({ BLOB_READ_WRITE_TOKEN: pages, CHAT_BLOB_READ_WRITE_TOKEN: service.token });
    expect(faults).toEqual([]);
  });
});
