import { linked } from "../environment/abort.js";
import type { Clock } from "../environment/backoff.js";
import type { Deployment } from "../http/deployment.js";
import type { Answer, Stanza } from "../protocol/stanza.js";

// The server sends a heartbeat every 15 s. When two are missing, the connection is dead.
const SILENCE_MS = 40_000;

type Receiver = {
  context: { deployment: Deployment; clock: Clock };
  receive(answer: Answer, asked: string): Promise<void>;
};

type Event = { cursor: string; stanza?: Stanza };

/** Reads an event stream until it ends; events that arrive together are received as one response. Rejects when the stream dies. */
export async function live(stream: Receiver, from: string, signal: AbortSignal): Promise<void> {
  const { deployment } = stream.context;
  const either = linked(signal);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const resetTimer = () => {
    clearTimeout(timer);
    timer = setTimeout(either.abort, SILENCE_MS);
  };
  try {
    resetTimer();
    const reader = (await open(deployment, from, either.signal)).pipeThrough(new TextDecoderStream()).getReader();
    let [cursor, rest] = [from, ""];
    for (let { done, value = "" } = await reader.read(); !done; { done, value = "" } = await reader.read()) {
      resetTimer();
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop() ?? "";
      const events = blocks.flatMap((block) => parse(block, deployment));
      const last = events.at(-1);
      if (last === undefined) continue;
      const stanzas = events.flatMap(({ stanza }) => stanza ?? []);
      const timestamp = new Date(stream.context.clock.now()).toISOString();
      await stream.receive({ timestamp, prev: cursor, cursor: last.cursor, stanzas }, cursor);
      cursor = last.cursor;
    }
  } catch (error) {
    throw error instanceof deployment.Error ? error : new deployment.Error({ code: "unreachable", status: 0 });
  } finally {
    clearTimeout(timer);
    either.done();
  }
}

function open(deployment: Deployment, cursor: string, signal: AbortSignal) {
  return deployment.with(async ({ token }) => {
    const url = `${deployment.base}stream/${token}?live=1&delivered=1&cursor=${encodeURIComponent(cursor)}`;
    const headers = { Accept: "text/event-stream" };
    const response = await deployment.fetch(url, { headers, signal, credentials: "omit" });
    if (response.ok && response.body) return response.body;
    throw new deployment.Error(await response.json());
  });
}

function parse(block: string, deployment: Deployment): Event[] {
  const fields = new Map(
    block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
  const data = JSON.parse(fields.get("data") ?? "null");
  if (fields.get("event") === "problem") throw new deployment.Error(data);
  const cursor = fields.get("id");
  if (cursor === undefined) return [];
  if (data === null) return [{ cursor }];
  // An event carries the time of the response. It is removed, so that a stanza is the same in both modes; `delivered` has its own.
  const { timestamp, ...stanza } = data;
  return [{ cursor, stanza: stanza.type === "delivered" ? data : stanza }];
}
