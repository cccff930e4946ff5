import { AwsV4Signer } from "aws4fetch";
import * as v from "valibot";
import type { Bucket } from "../config-files.js";
import { headersOf } from "./disposition.js";
import { HEAD_BYTES, READ_S, type Storage, UPLOAD_S } from "./stored-file.js";

// A storage that takes longer than this to begin an answer is down, and whoever sends a message waits for it.
const PATIENCE_MS = 5_000;
// What the server itself asks is asked at once.
const SERVER_S = 60;

/**
 * Keeps files in an S3-compatible bucket. Browsers reach it by URLs signed with AWS Signature Version 4, so that no file passes through a
 * function; type and size are signed, too, so that the storage refuses any other,
 * and, where it can, that nothing is written over.
 */
export function createBucket(settings: Bucket): Storage {
  return {
    async upload({ id, type, size }, now) {
      const once: Record<string, string> = settings.once ? { "if-none-match": "*" } : {};
      const headers = { "content-type": type, "content-length": `${size}`, ...once };
      return { method: "PUT", url: await sign(settings, "PUT", id, UPLOAD_S, now, {}, headers), headers };
    },
    read(file, now) {
      const { type, disposition } = headersOf(file);
      const query = { "response-content-type": type, "response-content-disposition": disposition };
      return sign(settings, "GET", file.id, READ_S, now, query);
    },
    async look({ id }) {
      const response = await ask(settings, "GET", id, { range: `bytes=0-${HEAD_BYTES - 1}` });
      // An empty file has no first byte (RFC 9110 §15.5.17).
      if (response.status === 416) return { size: 0, head: new Uint8Array() };
      if (response.status === 404) return undefined;
      const size = v.parse(
        Size,
        /\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1] ?? lengthOf(response),
      );
      return { size, head: new Uint8Array(await response.arrayBuffer()) };
    },
    async remove(id) {
      await ask(settings, "DELETE", id);
    },
  };
}

const Size = v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number));

function lengthOf(response: Awaited<ReturnType<typeof fetch>>): string | null {
  return response.status === 200 ? response.headers.get("content-length") : null;
}

/** Asks the storage as the server does. Rejects for an answer that is none: not what the storage says of it, which may quote the request. */
async function ask(settings: Bucket, method: string, id: string, headers: Record<string, string> = {}) {
  const url = await sign(settings, method, id, SERVER_S, Date.now());
  const response = await fetch(url, { method, headers, signal: AbortSignal.timeout(PATIENCE_MS), redirect: "error" });
  if (response.ok || response.status === 404 || response.status === 416) return response;
  throw new Error(`The bucket answers ${method} with ${response.status}`);
}

/** Signs a request in its query, with the headers that its client must send. */
async function sign(
  settings: Bucket,
  method: string,
  id: string,
  seconds: number,
  now: number,
  query: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<string> {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey } = settings;
  const url = new URL(`${endpoint}/${bucket}/${id}`);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  url.searchParams.set("X-Amz-Expires", `${seconds}`);
  const datetime = new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, "");
  const credential = { accessKeyId, secretAccessKey, region, service: "s3" };
  const signer = new AwsV4Signer({
    ...{ method, url: url.href, headers, datetime, ...credential },
    ...{ signQuery: true, allHeaders: true },
  });
  const signed = await signer.sign();
  // Written as it was signed (RFC 3986), where a query as forms have it has a plus for a space: a storage may take that for a plus.
  return signed.url.href.replaceAll("+", "%20").replaceAll("*", "%2A");
}
