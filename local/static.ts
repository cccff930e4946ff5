import { readFile } from "node:fs/promises";
import { extname, join, resolve, sep } from "node:path";
import { type CodedFiles, codedTag, codingOf } from "../lib/mount/content-coding.js";
import { entityTag, isFresh } from "../lib/mount/entity-tag.js";

/** Returns a public file as a response; undefined if there is none. A folder returns its `index.html`, with a slash or without. */
export async function readPublic(folder: string, path: string): Promise<Response | undefined> {
  const file = locate(folder, path);
  if (file === undefined) return undefined;
  try {
    const body = await readFile(file);
    return new Response(new Uint8Array(body), {
      headers: {
        "content-type": TYPES[extname(file)] ?? "application/octet-stream",
        "content-length": `${body.length}`,
        "cache-control": "no-cache",
        etag: entityTag(body),
        "x-content-type-options": "nosniff",
      },
    });
  } catch {
    return undefined;
  }
}

/** Compresses a text, as the platform does, where the browser accepts that; 304 if it has the file. */
export async function inCoding(coded: CodedFiles, request: Request, file: Response): Promise<Response> {
  const { headers } = file;
  const etag = headers.get("etag") ?? "";
  const isText = TEXT.test(headers.get("content-type") ?? "");
  const coding = isText ? codingOf(request, Number(headers.get("content-length"))) : undefined;
  if (isText) headers.append("vary", "Accept-Encoding");
  const tag = codedTag(etag, coding);
  headers.set("etag", tag);
  if (isFresh(request, tag)) {
    for (const name of ["content-type", "content-length"]) headers.delete(name);
    return new Response(null, { status: 304, headers });
  }
  if (coding === undefined) return file;
  const body = await coded.code(new Uint8Array(await file.arrayBuffer()), etag, coding);
  headers.set("content-encoding", coding);
  headers.set("content-length", `${body.length}`);
  return new Response(body, { headers });
}

const TEXT = /^text\/|^image\/svg|json|javascript/;

const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".md": "text/markdown; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

function locate(folder: string, path: string): string | undefined {
  try {
    const root = resolve(folder);
    const file = join(root, decodeURIComponent(path), extname(path) === "" ? "index.html" : "");
    // Decoded dots may lead out of the folder.
    return file.startsWith(root + sep) && !file.includes("\0") ? file : undefined;
  } catch {
    return undefined;
  }
}
