import * as v from "valibot";
import type { BlobStore } from "../config-files.js";

/** Where a store is administered. Browsers send their uploads there, too. */
export const API = "https://vercel.com/api/blob";
/** The version of the API that is spoken here. The service answers each version as it always has. */
export const API_VERSION = "12";
// A service that takes longer than this to begin an answer is down, and whoever sends a message waits for it.
const PATIENCE_MS = 5_000;

/** What comes back of a request. */
export type Answer = Awaited<ReturnType<typeof fetch>>;

/** Asks the service to do something with a store. Rejects for an answer that is none: not what the service says of it, which may quote the request. */
export async function askService<Reply>(
  store: BlobStore,
  method: "GET" | "POST",
  path: string,
  reply: v.GenericSchema<unknown, Reply>,
  body?: Record<string, unknown>,
): Promise<Reply> {
  const response = await request(store, `${API}${path}`, {
    method,
    headers: {
      "x-api-version": API_VERSION,
      "x-vercel-blob-store-id": store.blobStore,
      ...(body && { "content-type": "application/json" }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`Vercel Blob answers ${method} with ${await reasonOf(response)}`);
  return v.parse(reply, await response.json());
}

/** Sends a request as the server itself, with the credential of the store. */
export async function request(store: BlobStore, url: string, init: RequestInit): Promise<Answer> {
  const headers = { ...init.headers, authorization: `Bearer ${store.token ?? (await identity())}` };
  return fetch(url, { ...init, headers, signal: AbortSignal.timeout(PATIENCE_MS), redirect: "error" });
}

/** Returns the token by which a deployment on Vercel shows which project it is; each lasts for some hours. */
async function identity(): Promise<string> {
  const { getVercelOidcTokenSync } = await import("@vercel/functions/oidc");
  return getVercelOidcTokenSync();
}

const Refusal = v.object({ error: v.object({ code: v.pipe(v.string(), v.regex(/^[a-z_]{1,64}$/)) }) });

/** The status, and the code, by which the service tells a wrong token from a store that is gone. */
async function reasonOf(response: Answer): Promise<string> {
  const refusal = v.safeParse(Refusal, await response.json().catch(() => undefined));
  return refusal.success ? `${response.status} ${refusal.output.error.code}` : `${response.status}`;
}
