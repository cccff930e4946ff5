import { readFile } from "node:fs/promises";
import { extname, join, resolve, sep } from "node:path";
import { entityTag } from "../lib/mount/entity-tag.js";

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
