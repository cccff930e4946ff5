import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** An S3-compatible storage of this machine, which checks signatures as AWS documents them. */
export type TestBucket = {
  settings: {
    s3Endpoint: string;
    s3Bucket: string;
    s3Region: string;
    s3AccessKeyId: string;
    s3SecretAccessKey: string;
    s3WriteOnce: boolean;
  };
  objects: Map<string, Buffer>;
  /** The requests that were refused, with the reason. */
  refused: string[];
  stop(): Promise<void>;
};

// The rule of docs/files.md.
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, PUT",
  "access-control-allow-headers": "content-type, if-none-match",
};
const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const REGION = "eu-central-1";
const KEY_ID = "AKIAIOSFODNN7EXAMPLE";

/** Starts a storage with one bucket. It is stopped by `stop`. */
export async function startBucket(): Promise<TestBucket> {
  const objects = new Map<string, Buffer>();
  const refused: string[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === "OPTIONS") return void response.writeHead(200, CORS).end();
    const reason = reasonAgainst(request);
    if (reason !== undefined) {
      refused.push(`${request.method} ${reason}`);
      response.writeHead(403).end(reason);
      return;
    }
    await answer(objects, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return {
    settings: {
      ...{ s3Endpoint: `http://127.0.0.1:${port}`, s3Bucket: "files", s3Region: REGION },
      ...{ s3AccessKeyId: KEY_ID, s3SecretAccessKey: SECRET, s3WriteOnce: true },
    },
    objects,
    refused,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(objects: Map<string, Buffer>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://bucket");
  const key = url.pathname;
  if (request.method === "PUT") {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    if (request.headers["if-none-match"] === "*" && objects.has(key))
      return void response.writeHead(412).end("<Error/>");
    objects.set(key, Buffer.concat(chunks));
    response.writeHead(200).end();
    return;
  }
  if (request.method === "DELETE") {
    objects.delete(key);
    response.writeHead(204).end();
    return;
  }
  const object = objects.get(key);
  if (object === undefined) {
    response.writeHead(404).end("<Error/>");
    return;
  }
  const to = Number(/^bytes=0-(\d+)$/.exec(request.headers.range ?? "")?.[1] ?? object.length - 1);
  const part = object.subarray(0, to + 1);
  response
    .writeHead(request.headers.range === undefined ? 200 : 206, {
      "content-length": part.length,
      "content-range": `bytes 0-${part.length - 1}/${object.length}`,
      "content-type": url.searchParams.get("response-content-type") ?? "binary/octet-stream",
      "content-disposition": url.searchParams.get("response-content-disposition") ?? "inline",
    })
    .end(part);
}

/** Why a request is refused, by the query form of AWS Signature Version 4; undefined if it is not. */
function reasonAgainst(request: IncomingMessage): string | undefined {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const pairs = query
    .split("&")
    .filter((pair) => !pair.startsWith("X-Amz-Signature="))
    .map((pair) => pair.split("=").map(encode).join("="));
  const given = new URLSearchParams(query);
  const date = given.get("X-Amz-Date") ?? "";
  const signedHeaders = (given.get("X-Amz-SignedHeaders") ?? "").split(";");
  const scope = `${date.slice(0, 8)}/${REGION}/s3/aws4_request`;
  const at = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (given.get("X-Amz-Credential") !== `${KEY_ID}/${scope}`) return "the credential is unknown";
  if (!(Date.now() < at + Number(given.get("X-Amz-Expires")) * 1_000)) return "it is over";
  const headers = signedHeaders.map((name) => `${name}:${request.headers[name] ?? ""}\n`).join("");
  const canonical = [
    request.method,
    path,
    pairs.sort().join("&"),
    headers,
    signedHeaders.join(";"),
    "UNSIGNED-PAYLOAD",
  ];
  const hashed = createHash("sha256").update(canonical.join("\n")).digest("hex");
  const toSign = ["AWS4-HMAC-SHA256", date, scope, hashed].join("\n");
  const key = [date.slice(0, 8), REGION, "s3", "aws4_request"].reduce<string | Buffer>(
    (by, text) => createHmac("sha256", by).update(text).digest(),
    `AWS4${SECRET}`,
  );
  const signature = createHmac("sha256", key).update(toSign).digest("hex");
  return given.get("X-Amz-Signature") === signature ? undefined : "the signature is another";
}

/** Encodes what a URL has, as AWS does before it signs: all but the unreserved characters of RFC 3986. */
function encode(encoded: string): string {
  return encodeURIComponent(decodeURIComponent(encoded)).replace(
    /[!'()*]/g,
    (it) => `%${it.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
