import { linked, onAbort } from "../environment/abort.js";
import type { Deployment } from "../http/deployment.js";
import type { Attachment, OutgoingFile } from "../protocol/file.js";
import type { ChatError } from "../protocol/problem.js";
import { dimensions, forSending } from "./picture.js";

/** How an upload goes: `onProgress` is told the bytes that were sent, of how many; outside of browsers only at the end. */
export type UploadOptions = {
  thread?: string | undefined;
  onProgress?(sent: number, size: number): void;
  signal?: AbortSignal;
};

type Granted = { file: string; upload: { method: string; url: string; headers: Record<string, string> } };

// What the storage itself lost is uploaded again; each attempt asks for a new URL, since the old one may be over.
const ATTEMPTS = 3;

/**
 * Uploads a file, and returns the attachment that names it. Pictures lose what they say of place and camera, and large ones are made smaller.
 * Rejects with a `ChatError`, and with the signal's reason when that aborts.
 */
export async function upload(
  deployment: Deployment,
  file: OutgoingFile | File,
  { signal, ...options }: UploadOptions = {},
): Promise<Attachment> {
  const outgoing = file instanceof Blob ? { content: file } : file;
  const either = linked(deployment.closed, ...(signal === undefined ? [] : [signal]));
  try {
    return await uploadUntil(either.signal, deployment, outgoing, options);
  } catch (error) {
    signal?.throwIfAborted();
    deployment.closed.throwIfAborted();
    throw error;
  } finally {
    either.done();
  }
}

async function uploadUntil(
  signal: AbortSignal,
  deployment: Deployment,
  { content: given, name, alt }: OutgoingFile,
  { thread, onProgress }: Omit<UploadOptions, "signal">,
): Promise<Attachment> {
  await expectReadable(deployment, given);
  const content = await forSending(given);
  const wish = {
    name: fileName(name ?? ("name" in given ? `${given.name}` : ""), content.type),
    type: content.type.split(";")[0]?.trim().toLowerCase() || "application/octet-stream",
    size: content.size,
    ...(thread === undefined ? {} : { thread }),
  };
  const once = async () => {
    const granted = await deployment.call<Granted>("files", { method: "POST", has: "upload", body: wish, signal }, 1);
    await put(deployment, granted, content, onProgress, signal);
    return granted.file;
  };
  // More than a user may upload an hour is no hiccup: what waits for minutes is to be told why.
  const goesOn = ({ code, passing }: ChatError, failures: number) =>
    passing && code !== "rate_limited" && failures < ATTEMPTS;
  const id = await deployment.retry(once, goesOn);
  const url = new URL(`files/${id}`, deployment.base).href;
  const { name: named, type: contentType, size } = wish;
  const shown = { ...(alt && { alt }), ...(await dimensions(content)) };
  return { url, file: id, name: named, contentType, size, ...shown };
}

/** Rejects for a file that was removed or changed since it was chosen: an upload of it would fail as if the network had, for ever. */
async function expectReadable(deployment: Deployment, file: Blob): Promise<void> {
  await file
    .slice(0, 1)
    .arrayBuffer()
    .catch(() => {
      throw new deployment.Error({ code: "unreadable", status: 0, title: "Cannot read the file" }, undefined, false);
    });
}

// What turns the direction of a text, breaks a line or makes a path; a deployment refuses it.
const UNWANTED = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]/gu;
const NAME_BYTES = 255;

/** Returns the name under which a file is sent: without what a deployment refuses; the end of a long one is kept, which says the type. */
export function fileName(given: string, type: string): string {
  const name = given.replace(UNWANTED, " ").trim();
  if (name === "" || /^\.+$/.test(name)) return `file.${/^[a-z]+\/([a-z0-9]+)$/.exec(type)?.[1] ?? "bin"}`;
  let [start, end] = [0, 0];
  const letters = [...name];
  for (let i = letters.length - 1; i >= 0; i--) {
    end += new TextEncoder().encode(letters[i]).length;
    if (end > NAME_BYTES) {
      start = i + 1;
      break;
    }
  }
  return letters.slice(start).join("").trim();
}

/** Sends the content. Rejects with `unreachable` when another attempt may succeed, and with what the storage refuses otherwise. */
async function put(
  deployment: Deployment,
  { upload: { method, url, headers } }: Granted,
  content: Blob,
  onProgress: UploadOptions["onProgress"],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const place = new URL(url, deployment.base).href;
  // Browsers set the length themselves, and let no page do so.
  const sent = Object.fromEntries(Object.entries(headers).filter(([name]) => !/^content-length$/i.test(name)));
  const status = await (globalThis.XMLHttpRequest === undefined
    ? fetched(deployment, place, { method, headers: sent, body: content, signal })
    : requested(place, method, sent, content, onProgress, signal));
  signal.throwIfAborted();
  // Nobody else has the URL: what is there already (RFC 9110 §15.5.13) came by this very request, which a browser may repeat.
  if ((status >= 200 && status < 300) || status === 412) return onProgress?.(content.size, content.size);
  const passing = status === 0 || status === 403 || status === 429 || status >= 500;
  const code = passing ? "unreachable" : "invalid";
  throw new deployment.Error({ code, status, title: "The storage did not take the file" }, undefined, passing);
}

async function fetched(deployment: Deployment, place: string, init: RequestInit): Promise<number> {
  return deployment.fetch(place, { ...init, credentials: "omit" }).then(
    (response) => response.status,
    () => 0,
  );
}

// A connection that moves nothing for so long is dead.
const SILENCE_MS = 30_000;

/** Sends by XMLHttpRequest, which alone tells how far it is. Resolves with the status; 0 if there was no answer. */
function requested(
  place: string,
  method: string,
  headers: Record<string, string>,
  content: Blob,
  onProgress: UploadOptions["onProgress"],
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    let timer = setTimeout(() => request.abort(), SILENCE_MS);
    const stop = onAbort(signal, () => request.abort());
    request.upload.onprogress = ({ loaded }) => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), SILENCE_MS);
      onProgress?.(Math.min(loaded, content.size), content.size);
    };
    request.onloadend = () => {
      clearTimeout(timer);
      stop();
      resolve(request.status);
    };
    request.open(method, place);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(content);
  });
}
