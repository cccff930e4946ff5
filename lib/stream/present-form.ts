import * as v from "valibot";
import { indexOf, listOf, parseStamp, type Stamp } from "../chat/archive.js";
import { amend, type Statement, statementOf, subjectOf } from "../log/amendments.js";
import type { Past } from "../log/cold-read.js";
import type { Event } from "../log/event.js";
import type { Instance } from "../log/instance.js";

/**
 * Gives the messages of the past the form that they have now: a change may lie beyond what was read of a thread's log. Reads the stamps of
 * these messages, and from the archive those that were changed.
 */
export async function withPresentForms(chat: Instance, past: Past): Promise<Past> {
  const doubtful = past.unfinished.size === 0 ? [] : past.events.flatMap((event) => statementIn(past, event) ?? []);
  if (doubtful.length === 0) return past;
  const changed = await readChanged(chat, doubtful);
  if (changed.size === 0) return past;
  const events = past.events.flatMap((event) => {
    const change = changed.get(event);
    return change === undefined ? event : (present(event, change) ?? []);
  });
  return { ...past, events };
}

type Doubtful = { event: Event; statement: Statement };
type Changed = { statement: Statement; message: ArchivedMessage };

function statementIn({ unfinished }: Past, event: Event): Doubtful | undefined {
  const statement = unfinished.has(event.thread) ? statementOf(event) : undefined;
  return statement === undefined || statement.type === "retract" ? undefined : { event, statement };
}

type ArchivedMessage = v.InferOutput<typeof ArchivedMessage>;
const ArchivedMessage = v.looseObject({
  seq: v.number(),
  id: v.string(),
  thread: v.string(),
  timestamp: v.string(),
  edited: v.exactOptional(v.string()),
  retracted: v.exactOptional(v.string()),
});
const Stamps = v.array(v.array(v.nullable(v.string())));
const Archived = v.array(v.nullable(v.pipe(v.string(), v.parseJson(), ArchivedMessage)));

async function readChanged(chat: Instance, doubtful: readonly Doubtful[]): Promise<Map<Event, Changed>> {
  const changed = await findChanged(chat, doubtful);
  if (changed.length === 0) return new Map();
  const messages = await chat.store.transact(Archived, (batch) => {
    for (const { event, seq } of changed) batch.lindex(listOf(chat, event.thread, seq), indexOf(seq));
  });
  const found = new Map<Event, Changed>();
  for (const [i, { event, statement }] of changed.entries()) {
    const message = messages[i];
    if (message) found.set(event, { statement, message });
  }
  return found;
}

async function findChanged(chat: Instance, doubtful: readonly Doubtful[]): Promise<(Doubtful & Pick<Stamp, "seq">)[]> {
  const threads = new Map<string, Doubtful[]>();
  for (const it of doubtful) threads.set(it.event.thread, [...(threads.get(it.event.thread) ?? []), it]);
  const stamps = await chat.store.transact(Stamps, (batch) => {
    for (const [thread, all] of threads) {
      const [first = "", ...rest] = all.map(({ statement }) => `id:${subjectOf(statement).id}`);
      batch.hmget(chat.keys.thread(thread), first, ...rest);
    }
  });
  return [...threads.values()].flatMap((all, i) =>
    all.flatMap((it, j) => {
      const stamp = parseStamp(stamps[i]?.[j] ?? "");
      return stamp !== undefined && wasChanged(stamp) ? { ...it, seq: stamp.seq } : [];
    }),
  );
}

/** Returns whether a message was corrected or retracted: its stamp then has a fifth word. */
function wasChanged({ text }: Stamp): boolean {
  return text.split(" ").length > 4;
}

/** Returns an event about a message as it is now; undefined if nothing is left to say. */
function present(event: Event, { statement, message }: Changed): Event | undefined {
  const { retracted, edited = message.timestamp, thread, id } = message;
  if (retracted !== undefined) {
    const rest = amend(statement, { type: "retract", retract: { thread, id, entity: "", timestamp: retracted } });
    return rest && { ...event, body: JSON.stringify(rest) };
  }
  if (statement.type === "message") return { ...event, body: JSON.stringify({ type: "message", message }) };
  if (statement.type !== "edit") return event;
  const { entity } = statement.edit;
  const names = Object.keys(statement.edit).filter((name) => Object.hasOwn(message, name));
  const content = Object.fromEntries(names.map((name) => [name, message[name]]));
  return {
    ...event,
    body: JSON.stringify({ type: "edit", edit: { ...content, thread, id, entity, timestamp: edited } }),
  };
}
