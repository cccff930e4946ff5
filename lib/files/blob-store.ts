import * as v from "valibot";
import type { BlobStore } from "../config-files.js";
import { type Answer, API, API_VERSION, askService, request } from "./blob-api.js";
import { type Delegation, signUrl } from "./blob-url.js";
import { headersOf } from "./disposition.js";
import { HEAD_BYTES, READ_S, type Storage, type StoredFile, UPLOAD_S } from "./stored-file.js";

// One answer of the service lets an instance sign for so long: a request every few hours, and no URL is asked for.
const DELEGATION_S = 6 * 3_600;
// As long as the browser may show a file again without asking for it. The service's own cache forgets a file that is removed within a minute.
const CACHED_S = 300;

/**
 * Keeps files in a private store of Vercel Blob. Browsers reach it by signed URLs, so that no file passes through a function; type and largest
 * size are signed, too, and nothing is written over. How a file is served is decided when it is uploaded: the service takes the type from
 * there, and the name from the end of the path.
 */
export function createBlobStore(store: BlobStore): Storage {
  const delegation = delegations(store);
  return {
    async upload(file, now) {
      const { type } = headersOf(file);
      const place = new URL(`${API}/`);
      place.searchParams.set("pathname", pathOf(file));
      const grant = { operation: "put", pathname: pathOf(file), until: now + UPLOAD_S * 1_000 } as const;
      const url = signUrl(place, await delegation(now), { ...grant, rules: rulesOf(type, file.size) });
      const headers = { "content-type": type, "x-content-type": type, "x-vercel-blob-access": "private" };
      return { method: "PUT", url, headers: { ...headers, "x-api-version": API_VERSION } };
    },
    async read(file, now) {
      const grant = { operation: "get", pathname: pathOf(file), until: now + READ_S * 1_000 } as const;
      return signUrl(placeOf(store, file), await delegation(now), grant);
    },
    look: (file) => look(store, file),
    async remove(id) {
      const { blobs } = await askService(store, "GET", `?prefix=${encodeURIComponent(`${FOLDER}/${id}/`)}`, Listed);
      const urls = blobs.map(({ pathname }) => pathname);
      if (urls.length > 0) await askService(store, "POST", "/delete", v.unknown(), { urls });
    },
  };
}

const Listed = v.object({ blobs: v.array(v.object({ pathname: v.string() })) });

// A store may also have files of the application that the chat is mounted in.
const FOLDER = "nereid-chat";
// What means something in a URL, or in a header.
const PUNCTUATION = /[!-'*-,/:-@\\^`{-~]/g;

/** Where a file is kept: under its id, which nobody can guess, and under its name, by which the service lets browsers save it. */
function pathOf({ id, name }: Pick<StoredFile, "id" | "name">): string {
  return `${FOLDER}/${id}/${name.replace(PUNCTUATION, "_")}`;
}

function placeOf({ blobStore }: BlobStore, file: Pick<StoredFile, "id" | "name">): URL {
  const path = pathOf(file).split("/").map(encodeURIComponent).join("/");
  return new URL(path, `https://${blobStore}.private.blob.vercel-storage.com/`);
}

function rulesOf(type: string, size: number): Record<string, string> {
  return {
    "vercel-blob-allowed-content-types": type,
    "vercel-blob-maximum-size-in-bytes": `${size}`,
    "vercel-blob-add-random-suffix": "false",
    "vercel-blob-allow-overwrite": "false",
    "vercel-blob-cache-control-max-age": `${CACHED_S}`,
  };
}

const Issued = v.object({ delegationToken: v.string(), clientSigningToken: v.string(), validUntil: v.number() });

/** Returns what lets this instance sign, and asks for it again before a URL would end with it. A failure is not kept. */
function delegations(store: BlobStore): (now: number) => Promise<Delegation> {
  let issued: Promise<Delegation> | undefined;
  let until = 0;
  return (now) => {
    if (issued !== undefined && now + READ_S * 1_000 <= until) return issued;
    until = now + DELEGATION_S * 1_000;
    const asked = askService(store, "POST", "/signed-token", Issued, {
      pathname: "*",
      operations: ["get", "put"],
      validUntil: until,
    });
    issued = asked;
    asked.then(
      ({ validUntil }) => {
        // The service may grant less than it was asked for.
        if (issued === asked) until = validUntil;
      },
      () => {
        if (issued === asked) issued = undefined;
      },
    );
    return asked;
  };
}

const Size = v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number));

/** Reads how large a file is and how it begins, past the cache, and as it is: a service may compress texts on the way. */
async function look(store: BlobStore, file: Pick<StoredFile, "id" | "name">) {
  const place = placeOf(store, file);
  place.searchParams.set("cache", "0");
  const headers = { range: `bytes=0-${HEAD_BYTES - 1}`, "accept-encoding": "identity" };
  const response = await request(store, place.href, { headers });
  if (response.status === 404) return undefined;
  // An empty file has no first byte (RFC 9110 §15.5.17).
  if (response.status === 416) return { size: 0, head: new Uint8Array() };
  if (!response.ok) throw new Error(`Vercel Blob answers GET with ${response.status}`);
  const whole = response.status === 200 ? response.headers.get("content-length") : null;
  const size = v.parse(Size, /\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1] ?? whole);
  return { size, head: await beginningOf(response) };
}

/** Reads the first bytes of a response and leaves the rest, should it be all of the file. */
async function beginningOf({ body }: Answer): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length >= HEAD_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, HEAD_BYTES);
}
