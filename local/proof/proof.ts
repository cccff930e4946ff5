import { readPublic } from "../static.js";
import type { RestStore } from "./bill.js";
import { Trial } from "./trial.js";

/** Answers what is asked at `/proof` and below; undefined for any other path. */
export type Proof = { answer(request: Request, path: string): Promise<Response | undefined>; stop(): Promise<void> };

const BOTS = 200;

/**
 * Makes the page where the server can be killed. Without a store nothing can be started there: that of an account is neither
 * to be filled by bots, nor to be paid for.
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
  // No other page may show the buttons as something else.
  response?.headers.set("content-security-policy", "frame-ancestors 'none'");
  return response;
}

/** How many bots, in whole rooms of ten. */
function sizeOf(query: URLSearchParams): number {
  const rooms = Math.floor(Number(query.get("bots") ?? BOTS) / 10);
  return 10 * (rooms >= 1 ? Math.min(rooms, BOTS / 10) : BOTS / 10);
}

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** Whether a name, as in HOST or in a URL, is this machine for nobody but itself. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host) || host === "::1";
}

/** Browsers say with every POST which page it comes from; none but ours may end processes, whatever name it has for this machine. */
function isOwn({ url, headers }: Request): boolean {
  const { origin, hostname } = new URL(url);
  const site = headers.get("sec-fetch-site") ?? "same-origin";
  return isLoopback(hostname) && headers.get("origin") === origin && site === "same-origin";
}
