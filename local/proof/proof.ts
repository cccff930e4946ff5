import { readPublic } from "../static.js";
import type { RestStore } from "./bill.js";
import { Trial } from "./trial.js";

/** Handles requests at `/proof` and below; `answer` returns undefined for any other path. */
export type Proof = { answer(request: Request, path: string): Promise<Response | undefined>; stop(): Promise<void> };

const BOTS = 200;

/**
 * Creates the page on which the server can be killed. Without a local store nothing can be started: the bots would fill the
 * store of an account, at its owner's cost.
 */
export function proof(folder: string, store: RestStore | undefined): Proof {
  let trial: Trial | undefined;
  const stop = async () => trial?.end("Stopped");
  const start = (query: URLSearchParams) => {
    if (store === undefined || (trial !== undefined && trial.ended === undefined)) return;
    trial = new Trial(store, sizeOf(query));
  };
  const deeds = new Map<string, (query: URLSearchParams) => unknown>([
    ["state", () => {}],
    ["start", start],
    ["kill", () => trial?.kill()],
    ["stop", stop],
  ]);
  return {
    stop,
    async answer(request, path) {
      if (!/^\/proof(\/|$)/.test(path)) return undefined;
      const deed = deeds.get(path.slice("/proof/".length));
      if (request.method !== "POST" || deed === undefined) return await file(folder, path);
      if (!isOwn(request)) return new Response(null, { status: 403 });
      await deed(new URL(request.url).searchParams);
      return Response.json({ available: store !== undefined, ...trial?.state() }, { headers: NOT_KEPT });
    },
  };
}

const NOT_KEPT = { "cache-control": "no-store" };

async function file(folder: string, path: string): Promise<Response | undefined> {
  const response = await readPublic(folder, path === "/proof" ? "/" : path.slice("/proof".length));
  // Prevents clickjacking of the buttons.
  response?.headers.set("content-security-policy", "frame-ancestors 'none'");
  return response;
}

/** Returns the number of bots, in whole rooms of ten. */
function sizeOf(query: URLSearchParams): number {
  const rooms = Math.floor(Number(query.get("bots") ?? BOTS) / 10);
  return 10 * (rooms >= 1 ? Math.min(rooms, BOTS / 10) : BOTS / 10);
}

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** Whether a host name, as in HOST or in a URL, can be reached from this machine only. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host) || host === "::1";
}

/** Whether a request comes from this page. No other page may end processes, even one that reaches this machine by another name. */
function isOwn({ url, headers }: Request): boolean {
  const { origin, hostname } = new URL(url);
  const site = headers.get("sec-fetch-site") ?? "same-origin";
  return isLoopback(hostname) && headers.get("origin") === origin && site === "same-origin";
}
