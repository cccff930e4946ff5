import type { Report } from "../protocol/report.js";
import type { Stream } from "./stream.js";

// Seconds: a little less than common idle timeouts.
const WAITS = [5, 15, 25, 55];
// A response that starts at once and ends so much later shows whether its start is buffered.
const STREAM_SECONDS = 4;
// An event for the user ends a poll early; it is then repeated so often.
const ROUNDS = 3;
// The longest silence of an event stream.
const HEARTBEAT_SECONDS = 15;

type ProbeRequest = (query: Record<string, unknown>, headers?: Record<string, string>) => Promise<Response>;

/** Measures the network path, and sets how the stream is read from now on. Takes as long as the longest wait. */
export async function probe(stream: Stream, waits = WAITS, streamSeconds = STREAM_SECONDS): Promise<Report> {
  const { deployment, path, clock, closed } = stream.context;
  const { token } = await deployment.credentials.get();
  const { cursor } = stream.feed;
  const requestTo =
    (endpoint: string): ProbeRequest =>
    (query, headers = {}) => {
      const url = new URL(endpoint, deployment.base);
      for (const [name, value] of Object.entries({ cursor, ...query })) {
        if (value !== undefined) url.searchParams.set(name, `${value}`);
      }
      return deployment.fetch(url.href, { headers, signal: closed, credentials: "omit" });
    };
  const request = requestTo(`stream/${token}`);
  const [small, streamed, authorization, ...held] = await Promise.all([
    probeSmall(request),
    probeStream(request, streamSeconds),
    requestTo("stream")({ wait: 0 }, { Authorization: `Bearer ${token}` }).then(({ ok }) => ok, no),
    ...waits.map((wait) => probeHold(request, wait)),
  ]);
  const holds = held.filter((it) => it !== undefined);
  const ceiling = Math.min(...holds.filter(({ lived }) => !lived).map(({ seconds }) => seconds));
  const allowed = holds.filter(({ lived, wait }) => lived && wait < ceiling).map(({ wait }) => wait);
  const live = streamed.stream === "streams" && streamed.accept && ceiling > HEARTBEAT_SECONDS;
  if (holds.length > 0) path.learn({ wait: Math.max(0, ...allowed), ceiling, live }, clock.now());
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

/** Makes small requests, and returns the shortest round trip and whether the headers arrive unchanged. */
async function probeSmall(request: ProbeRequest) {
  let found: { roundTripMs?: number; contentType: boolean; contentLength: boolean } | undefined;
  for (let i = 0; i < ROUNDS; i++) {
    const began = performance.now();
    try {
      const response = await request({ wait: 0 });
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

/** Requests an event stream that starts at once and ends later, and returns whether its start arrives early. */
async function probeStream(
  request: ProbeRequest,
  seconds: number,
): Promise<{ stream: Report["stream"]; accept: boolean }> {
  const began = performance.now();
  let first: number | undefined;
  let accept = false;
  try {
    const response = await request({ live: 1, wait: seconds }, { Accept: "text/event-stream" });
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

/** Holds a poll for `wait` seconds, and returns whether it lived; undefined when events of the user ended each attempt early. */
async function probeHold(request: ProbeRequest, wait: number): Promise<Report["holds"][number] | undefined> {
  let cursor: string | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const age = () => Math.round((performance.now() - began) / 100) / 10;
    try {
      const response = await request(cursor === undefined ? { wait } : { wait, cursor });
      const answer = await response.json();
      // A proxy that gives up returns a page of its own.
      if (!Array.isArray(answer.stanzas)) return { wait, lived: false, seconds: age() };
      if (age() > 0.9 * wait) return { wait, lived: true, seconds: age() };
      cursor = answer.cursor;
    } catch {
      return { wait, lived: false, seconds: age() };
    }
  }
  return undefined;
}
