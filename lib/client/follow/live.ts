import { linked } from "../environment/abort.js";
import type { Clock } from "../environment/backoff.js";
import type { Deployment } from "../http/deployment.js";
import type { Answer, Stanza } from "../protocol/stanza.js";

// A comment comes every 15 s; where two fail to, the connection is dead.
const SILENCE_MS = 40_000;

type Taker = {
  around: { deployment: Deployment; clock: Clock };
  take(answer: Answer, asked: string): Promise<void>;
};

type Event = { cursor: string; stanza?: Stanza };

/** Follows an event stream that is held open, until it ends; what comes together is taken together. Rejects when it dies. */
export async function live(stream: Taker, from: string, signal: AbortSignal): Promise<void> {
  const { deployment } = stream.around;
  const given = linked(signal);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(given.abort, SILENCE_MS);
  };
  try {
    heard();
    const reader = (await open(deployment, from, given.signal)).pipeThrough(new TextDecoderStream()).getReader();
    let [cursor, rest] = [from, ""];
    for (let { done, value = "" } = await reader.read(); !done; { done, value = "" } = await reader.read()) {
      heard();
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop() ?? "";
      const events = blocks.flatMap((block) => parse(block, deployment));
      const last = events.at(-1);
      if (last === undefined) continue;
      const stanzas = events.flatMap(({ stanza }) => stanza ?? []);
      const timestamp = new Date(stream.around.clock.now()).toISOString();
      await stream.take({ timestamp, prev: cursor, cursor: last.cursor, stanzas }, cursor);
      cursor = last.cursor;
    }
  } catch (error) {
    throw error instanceof deployment.Error ? error : new deployment.Error({ code: "unreachable", status: 0 });
  } finally {
    clearTimeout(timer);
    given.done();
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
  // Here each event carries the envelope's time; a stanza is the same whichever way it comes.
  const { timestamp, ...stanza } = data;
  return [{ cursor, stanza: stanza.type === "delivered" ? data : stanza }];
}
