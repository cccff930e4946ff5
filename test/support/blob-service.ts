import { createHmac, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import * as v from "valibot";

/** A service of this machine that speaks the wire of Vercel Blob, as `@vercel/blob` 2.8.0 defines it, and has one private store. */
export type BlobService = {
  store: string;
  token: string;
  /** Where the library finds it: the value of VERCEL_BLOB_API_URL. */
  api: string;
  blobs: Map<string, { content: Buffer; type: string }>;
  /** The requests that were refused, with the reason, and how many there were of each kind. */
  refused: string[];
  asked: Map<string, number>;
  /** The global `fetch`, which finds the service under the names that it has in the world. */
  fetch: typeof fetch;
  stop(): Promise<void>;
};

const STORE = "Zq3mTnWd81";
const TOKEN = `vercel_blob_rw_${STORE}_notASecret`;
const HOST = `https://${STORE.toLowerCase()}.private.blob.vercel-storage.com`;
const world = globalThis.fetch;

class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const forbidden = (why: string) => new Refusal(403, "forbidden", why);
const bad = (why: string) => new Refusal(400, "bad_request", why);

/** Starts the service. It is stopped by `stop`. */
export async function startBlobService(): Promise<BlobService> {
  const blobs: BlobService["blobs"] = new Map();
  const refused: string[] = [];
  const asked = new Map<string, number>();
  const secret = randomBytes(32).toString("base64");
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://service");
    const kind = `${request.method} ${url.pathname.startsWith("/store/") ? "/store" : url.pathname}`;
    asked.set(kind, (asked.get(kind) ?? 0) + 1);
    for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
    try {
      if (request.method === "OPTIONS") return void response.writeHead(200).end();
      if (url.pathname.startsWith("/store/")) return serve(blobs, secret, url, request, response);
      const reply = await administer(blobs, secret, url, request);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(reply));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refused.push(`${kind}: ${error.message}`);
      const { status, code, message } = error;
      response
        .writeHead(status, { "content-type": "application/json" })
        .end(JSON.stringify({ error: { code, message } }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  return {
    ...{ store: STORE, token: TOKEN, api: `${origin}/api/blob`, blobs, refused, asked },
    fetch: (input, init) => {
      const url = input instanceof Request ? input.url : `${input}`;
      if (url.startsWith("https://vercel.com/api/blob")) return world(url.replace("https://vercel.com", origin), init);
      return url.startsWith(`${HOST}/`) ? world(url.replace(HOST, `${origin}/store`), init) : world(input, init);
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

// What the library's client sends from browsers.
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, PUT, POST, DELETE, OPTIONS",
  "access-control-allow-headers":
    "authorization, content-type, x-content-type, x-vercel-blob-access, x-api-version, x-vercel-blob-store-id, x-api-blob-request-id, x-api-blob-request-attempt, x-content-length",
};

type Blobs = BlobService["blobs"];

async function administer(blobs: Blobs, secret: string, url: URL, request: IncomingMessage): Promise<unknown> {
  const { searchParams: query, pathname } = url;
  if (request.headers["x-api-version"] !== "12") throw bad("no such version");
  if (request.method === "PUT") return put(blobs, secret, query, request);
  if (request.headers.authorization !== `Bearer ${TOKEN}`) throw forbidden("another token");
  if (request.headers["x-vercel-blob-store-id"] !== STORE) throw new Refusal(404, "store_not_found", "another store");
  if (request.method === "POST") {
    const body: unknown = JSON.parse(await text(request));
    return pathname.endsWith("/delete") ? remove(blobs, body) : issue(secret, body);
  }
  const prefix = query.get("prefix");
  if (prefix !== null) {
    const found = [...blobs.keys()].filter((it) => it.startsWith(prefix)).map((it) => describe(blobs, it));
    return { blobs: found, hasMore: false };
  }
  const known = pathOf(query.get("url") ?? "");
  if (!blobs.has(known)) throw new Refusal(404, "not_found", "no such blob");
  return describe(blobs, known);
}

const Scope = v.object({
  pathname: v.optional(v.string(), "*"),
  operations: v.optional(v.array(v.string()), ["get"]),
  validUntil: v.optional(v.number(), () => Date.now() + 3_600_000),
});
const Delegated = v.object({ ...Scope.entries, storeId: v.literal(`store_${STORE}`) });

function issue(secret: string, body: unknown) {
  const scope = v.parse(Scope, body);
  if (scope.validUntil > Date.now() + 7 * 86_400_000) throw bad("at most seven days");
  const payload = Buffer.from(JSON.stringify({ storeId: `store_${STORE}`, ownerId: "o", ...scope, iat: Date.now() }));
  const text = payload.toString("base64url");
  const delegationToken = `${text}.${mac(secret, text)}`;
  return { delegationToken, clientSigningToken: mac(secret, delegationToken), validUntil: scope.validUntil };
}

function mac(key: string, data: string): string {
  return createHmac("sha256", key).update(data).digest("base64url");
}

/** Checks a URL that was signed. Throws for one that does not allow this operation on this path now. */
function admit(secret: string, query: URLSearchParams, operation: string, pathname: string): void {
  const delegation = query.get("vercel-blob-delegation") ?? "";
  const [payload = "", given] = delegation.split(".");
  if (mac(secret, payload) !== given) throw forbidden("no delegation");
  const scope = v.parse(Delegated, JSON.parse(Buffer.from(payload, "base64url").toString()));
  const named = [...query].filter(([name]) => /^vercel-blob-(?!delegation$|signature$)/.test(name));
  const lines = [`operation=${operation}`, `pathname=${pathname}`, ...named.map(([name, value]) => `${name}=${value}`)];
  const signature = mac(mac(secret, delegation), lines.sort().join("\n"));
  if (query.get("vercel-blob-signature") !== signature) throw forbidden("another signature");
  if (!scope.operations.includes(operation)) throw forbidden("not delegated");
  if (scope.pathname !== "*" && scope.pathname !== pathname) throw forbidden("another path");
  const until = Number(query.get("vercel-blob-valid-until") ?? scope.validUntil);
  if (Date.now() >= Math.min(until, scope.validUntil)) throw forbidden("it is over");
}

async function put(blobs: Blobs, secret: string, query: URLSearchParams, request: IncomingMessage) {
  const pathname = query.get("pathname") ?? "";
  const { headers } = request;
  const isOwner = headers.authorization === `Bearer ${TOKEN}`;
  if (!isOwner) admit(secret, query, "put", pathname);
  if (headers["x-vercel-blob-access"] !== "private") throw bad("the store is private");
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const content = Buffer.concat(chunks);
  const type = `${headers["x-content-type"] ?? headers["content-type"] ?? guess(pathname)}`;
  const allowed = query.get("vercel-blob-allowed-content-types")?.split(",");
  if (allowed?.includes(type) === false) throw bad(`contentType "${type}" is not allowed`);
  const largest = query.get("vercel-blob-maximum-size-in-bytes");
  if (largest !== null && content.length > Number(largest)) throw bad("the file length cannot be greater than that");
  const over = query.get("vercel-blob-allow-overwrite") === "true" || headers["x-allow-overwrite"] === "1";
  if (blobs.has(pathname) && !over) throw bad("This blob already exists");
  blobs.set(pathname, { content, type });
  return describe(blobs, pathname);
}

function guess(pathname: string): string {
  if (pathname.endsWith(".html")) return "text/html";
  return pathname.endsWith(".png") ? "image/png" : "application/octet-stream";
}

function remove(blobs: Blobs, body: unknown): null {
  for (const it of v.parse(v.object({ urls: v.array(v.string()) }), body).urls) blobs.delete(pathOf(it));
  return null;
}

/** The library takes URLs for paths, too. */
function pathOf(urlOrPath: string): string {
  return URL.canParse(urlOrPath) ? decodeURIComponent(new URL(urlOrPath).pathname.slice(1)) : urlOrPath;
}

function describe(blobs: Blobs, pathname: string) {
  const { content, type } = blobs.get(pathname) ?? { content: Buffer.alloc(0), type: "" };
  const url = `${HOST}/${pathname.split("/").map(encodeURIComponent).join("/")}`;
  return {
    ...{ url, downloadUrl: `${url}?download=1`, pathname, size: content.length, contentType: type },
    ...{ contentDisposition: disposition(pathname, type), cacheControl: "private", etag: '"e"' },
    uploadedAt: new Date().toISOString(),
  };
}

function disposition(pathname: string, type: string): string {
  const kind = /^(image|audio|video)\/|^application\/pdf$/.test(type) ? "inline" : "attachment";
  return `${kind}; filename="${encodeURIComponent(pathname.split("/").at(-1) ?? "")}"`;
}

function serve(blobs: Blobs, secret: string, url: URL, request: IncomingMessage, response: ServerResponse): void {
  const pathname = decodeURIComponent(url.pathname.slice("/store/".length));
  if (request.method !== "GET") throw forbidden("the host of blobs only reads");
  if (request.headers.authorization !== `Bearer ${TOKEN}`) admit(secret, url.searchParams, "get", pathname);
  const blob = blobs.get(pathname);
  if (blob === undefined) throw new Refusal(404, "not_found", "no such blob");
  const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  const part = blob.content.subarray(Number(from), to === "" ? undefined : Number(to) + 1);
  response
    .writeHead(request.headers.range === undefined ? 200 : 206, {
      "content-length": part.length,
      "content-range": `bytes ${from}-${Number(from) + part.length - 1}/${blob.content.length}`,
      "content-type": blob.type,
      "content-disposition": disposition(pathname, blob.type),
      "content-security-policy": 'default-src "none"',
      "x-content-type-options": "nosniff",
    })
    .end(part);
}
