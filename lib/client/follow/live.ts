import { createParser, type EventSourceMessage } from "eventsource-parser";
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
  const { deployment, clock } = stream.context;
  const either = linked(signal);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const resetTimer = () => {
    clearTimeout(timer);
    timer = setTimeout(either.abort, SILENCE_MS);
  };
  try {
    resetTimer();
    const reader = (await open(deployment, from, either.signal)).pipeThrough(new TextDecoderStream()).getReader();
    let cursor = from;
    let events: Event[] = [];
    const parser = createParser({ onEvent: (event) => events.push(...eventsOf(event, deployment)) });
    for (let { done, value = "" } = await reader.read(); !done; { done, value = "" } = await reader.read()) {
      resetTimer();
      parser.feed(value);
      const last = events.at(-1);
      if (last === undefined) continue;
      const stanzas = events.flatMap(({ stanza }) => stanza ?? []);
      const timestamp = new Date(clock.now()).toISOString();
      events = [];
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

function eventsOf({ event, id, data: text }: EventSourceMessage, deployment: Deployment): Event[] {
  const data = JSON.parse(text || "null");
  if (event === "problem") throw new deployment.Error(data);
  if (id === undefined) return [];
  if (data === null) return [{ cursor: id }];
  // An event carries the time of the response. It is removed, so that a stanza is the same in both modes; `delivered` has its own.
  const { timestamp, ...stanza } = data;
  return [{ cursor: id, stanza: stanza.type === "delivered" ? data : stanza }];
}
