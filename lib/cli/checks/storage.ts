import { randomBytes } from "node:crypto";
import type { Config } from "../../config.js";
import type { StorageSettings } from "../../config-files.js";
import { createStorage } from "../../files/storage.js";
import type { Storage, StoredFile } from "../../files/stored-file.js";
import { bad, type Finding, good, skipped } from "../finding.js";

/**
 * Checks the storage of files, by what becomes of one file there: uploaded by a URL as a browser does, read by another, and deleted. A folder
 * is not looked at: it may be on another machine.
 */
export async function checkStorage({ files, basePath, origins }: Config, now: number): Promise<Finding[]> {
  const { storage: settings } = files;
  if (settings === undefined || "folder" in settings) return [];
  const name = nameOf(settings);
  if ("blobStore" in settings && settings.token === undefined)
    return [skipped("storage", `${name} is used by functions of the project alone, without a token`, GET_TOKEN)];
  const storage = createStorage(settings, basePath, "");
  const file = { id: randomBytes(16).toString("base64url"), name: "doctor.html", type: "text/html", size: PAGE.length };
  try {
    const found = (await follow(storage, file, now)) ?? (await checkPages(storage, settings, file, origins, now));
    return [found === undefined ? good("storage", `${name} takes files, serves and deletes them`) : found];
  } catch (error) {
    const said = error instanceof Error ? error.message : "no answer";
    return [bad("storage", `${name} cannot be used: ${said}`, adviceFor(settings))];
  } finally {
    await storage.remove(file.id).catch(() => {});
  }
}

// What must never run in a page: it says most about how files are served.
const PAGE = "<!doctype html><title>Doctor</title>";
const ATTEMPT_MS = 10_000;

/** Follows a file through a storage. Returns what is wrong there, if anything is. */
async function follow(storage: Storage, file: StoredFile, now: number): Promise<Finding | undefined> {
  const { method, url, headers } = await storage.upload(file, now);
  const written = await ask(url, { method, headers, body: PAGE });
  if (!written.ok) throw new Error(`it answers an upload with ${written.status}`);
  const looked = await storage.look(file);
  if (looked?.size !== file.size) throw new Error("what was uploaded is not there");
  const place = await storage.read(file, now);
  const read = await ask(place);
  if (!read.ok || (await read.text()) !== PAGE) throw new Error(`it answers a signed URL with ${read.status}`);
  const type = read.headers.get("content-type") ?? "";
  const disposition = read.headers.get("content-disposition") ?? "";
  if (/html/i.test(type) || !/^attachment/i.test(disposition))
    return bad("storage", `A page is served as ${type}, ${disposition || "without a disposition"}`, REPORT);
  const bare = await ask(place.split("?")[0] ?? place);
  if (bare.ok) return bad("storage", "Anyone can read files: the storage asks for no signature", CLOSE);
  await storage.remove(file.id);
  return (await storage.look(file)) === undefined ? undefined : bad("storage", "It does not delete files", RIGHTS);
}

/** Asks what a browser asks before a page may upload. Which pages a bucket lets do so is known for pages of other origins only. */
async function checkPages(
  storage: Storage,
  settings: StorageSettings,
  file: StoredFile,
  origins: ReadonlySet<string>,
  now: number,
): Promise<Finding | undefined> {
  const isBucket = "bucket" in settings;
  const origin = [...origins].find((it) => !it.includes("*")) ?? (isBucket ? undefined : "https://www.example.org");
  if (origin === undefined) return undefined;
  const { method, url, headers } = await storage.upload(file, now);
  // As browsers write them: in lower case, sorted, without what they set themselves (Fetch, "CORS-preflight fetch").
  const sent = Object.keys(headers).filter((it) => it !== "content-length");
  const asked = { "access-control-request-method": method, "access-control-request-headers": sent.sort().join(",") };
  const answer = await ask(url, { method: "OPTIONS", headers: { origin, ...asked } });
  const allowed = (name: string) => (answer.headers.get(`access-control-allow-${name}`) ?? "").toLowerCase();
  const names = allowed("headers").split(/[\s,]+/);
  const lacking = sent.filter((it) => !names.includes(it) && !names.includes("*"));
  if (answer.ok && ["*", origin].includes(allowed("origin")) && lacking.length === 0) return undefined;
  const why = answer.ok && lacking.length > 0 ? `the header ${lacking.join(", ")} is not allowed` : `${answer.status}`;
  return bad("storage", `Pages of ${origin} cannot upload there: ${why}`, isBucket ? CORS : REPORT_CORS);
}

const CORS = "Give the bucket the CORS rule of docs/files.md, with the origins of your pages";
const REPORT_CORS = "Report it, with the version of this program: browsers ask the service in this way";
const GET_TOKEN =
  "To look at it from here, let the store's page add BLOB_READ_WRITE_TOKEN to the project's variables, and pull them";
const REPORT =
  "Do not offer files with this storage, and report it: a file could run as a page of the storage's domain";
const CLOSE = "Make the bucket private";
const RIGHTS = "Let the key delete objects, too";

function ask(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...init, signal: AbortSignal.timeout(ATTEMPT_MS) });
}

function nameOf(settings: Exclude<StorageSettings, { folder: string }>): string {
  return "blobStore" in settings ? `The Vercel Blob store ${settings.blobStore}` : `The bucket ${settings.bucket}`;
}

function adviceFor(settings: StorageSettings): string {
  return "blobStore" in settings
    ? "Copy BLOB_READ_WRITE_TOKEN again from the store's page; a store that is public takes no files of the chat: connect a private one with the prefix CHAT_BLOB, or set CHAT_BLOB_READ_WRITE_TOKEN to nothing"
    : "Check CHAT_S3_ENDPOINT, CHAT_S3_BUCKET, CHAT_S3_REGION and the key, which must get, put and delete objects; a service that refuses If-None-Match needs CHAT_S3_WRITE_ONCE=0";
}
