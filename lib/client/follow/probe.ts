import type { Report } from "../protocol/report.js";
import type { Stream } from "./stream.js";

// How long silent requests are commonly allowed to be, or something less.
const WAITS = [5, 15, 25, 55];
// A response that begins at once and ends so much later shows when its beginning comes.
const STREAM_SECONDS = 4;
// What comes for the user ends a poll early, which then has to be held again.
const ROUNDS = 3;
// A stream that is held open is silent for so long.
const HEARTBEAT_SECONDS = 15;

type Asking = (query: Record<string, unknown>, headers?: Record<string, string>) => Promise<Response>;

/** Finds out what the path does, and has the stream followed by that. Takes as long as the longest wait. */
export async function probe(stream: Stream, waits = WAITS, streamSeconds = STREAM_SECONDS): Promise<Report> {
  const { deployment, path, clock, closed } = stream.around;
  const { token } = await deployment.keeper.get();
  const at = stream.feed.at;
  const asking =
    (way: string): Asking =>
    (query, headers = {}) => {
      const url = new URL(way, deployment.base);
      for (const [name, value] of Object.entries({ cursor: at, ...query })) {
        if (value !== undefined) url.searchParams.set(name, `${value}`);
      }
      return deployment.fetch(url.href, { headers, signal: closed, credentials: "omit" });
    };
  const ask = asking(`stream/${token}`);
  const [small, streamed, authorization, ...held] = await Promise.all([
    smallest(ask),
    streams(ask, streamSeconds),
    asking("stream")({ wait: 0 }, { Authorization: `Bearer ${token}` }).then(({ ok }) => ok, no),
    ...waits.map((wait) => hold(ask, wait)),
  ]);
  const holds = held.filter((it) => it !== undefined);
  const ceiling = Math.min(...holds.filter(({ lived }) => !lived).map(({ seconds }) => seconds));
  const borne = holds.filter(({ lived, wait }) => lived && wait < ceiling).map(({ wait }) => wait);
  const live = streamed.stream === "streams" && streamed.accept && ceiling > HEARTBEAT_SECONDS;
  if (holds.length > 0) path.learn({ wait: Math.max(0, ...borne), ceiling, live }, clock.now());
  const { mode, wait } = path;
  const { roundTripMs, contentType, contentLength } = small;
  return {
    ...{ url: deployment.base, timestamp: new Date(clock.now()).toISOString(), mode, wait },
    ...(roundTripMs === undefined ? {} : { roundTripMs }),
    ...{ stream: streamed.stream, holds },
    headers: { authorization, accept: streamed.accept, contentType, contentLength },
  };
}

const no = () => false;

/** Asks for little, and tells how fast the answer comes and whether it comes whole. */
async function smallest(ask: Asking) {
  let found: { roundTripMs?: number; contentType: boolean; contentLength: boolean } | undefined;
  for (let i = 0; i < ROUNDS; i++) {
    const began = performance.now();
    try {
      const response = await ask({ wait: 0 });
      const length = new TextEncoder().encode(await response.text()).length;
      const ms = Math.round(performance.now() - began);
      found = {
        roundTripMs: Math.min(found?.roundTripMs ?? ms, ms),
        contentType: /json/.test(response.headers.get("Content-Type") ?? ""),
        contentLength: response.headers.get("Content-Length") === `${length}`,
      };
    } catch {}
  }
  return found ?? { contentType: false, contentLength: false };
}

/** Asks for an event stream that begins at once and ends later, and tells when its beginning comes. */
async function streams(ask: Asking, seconds: number): Promise<{ stream: Report["stream"]; accept: boolean }> {
  const began = performance.now();
  let first: number | undefined;
  let accept = false;
  try {
    const response = await ask({ live: 1, wait: seconds }, { Accept: "text/event-stream" });
    accept = /event-stream/.test(response.headers.get("Content-Type") ?? "");
    const reader = response.body?.getReader();
    for (let read = await reader?.read(); read !== undefined && !read.done; read = await reader?.read()) {
      first ??= performance.now();
    }
  } catch {
    return { stream: "dies", accept };
  }
  const early = first !== undefined && performance.now() - first > 0.5 * (performance.now() - began);
  return { stream: early ? "streams" : "buffers", accept };
}

/** Holds a poll for so many seconds, and tells whether it lived; undefined when the user's own news came in between each time. */
async function hold(ask: Asking, wait: number): Promise<Report["holds"][number] | undefined> {
  let cursor: string | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const age = () => Math.round((performance.now() - began) / 100) / 10;
    try {
      const response = await ask(cursor === undefined ? { wait } : { wait, cursor });
      const answer = await response.json();
      // A proxy that gives up says so with a page of its own.
      if (!Array.isArray(answer.stanzas)) return { wait, lived: false, seconds: age() };
      if (age() > 0.9 * wait) return { wait, lived: true, seconds: age() };
      cursor = answer.cursor;
    } catch {
      return { wait, lived: false, seconds: age() };
    }
  }
  return undefined;
}
