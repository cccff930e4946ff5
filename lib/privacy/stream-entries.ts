import * as v from "valibot";
import type { Log } from "../log/log.js";
import { ERASED } from "../people/system.js";
import type { FoundKey } from "../store/keys.js";
import { Count } from "../store/replies.js";
import type { Person } from "./person.js";

// Finds the entries of streams that may name a person. KEYS: the streams. ARGV: who (encoded), and quoted as in JSON.
// Returns: for each stream {place, stanza …}.
const FIND = `
local who, quoted = ARGV[1], ARGV[2]
local found = {}
for _, stream in ipairs(KEYS) do
  local part = {}
  for _, entry in ipairs(redis.call('XRANGE', stream, '-', '+')) do
    local stanza
    for i = 1, #entry[2], 2 do if entry[2][i] == 'e' then stanza = entry[2][i + 1] end end
    if stanza and (string.find(stanza, quoted, 1, true) or string.find(stanza, who, 1, true)) then
      part[#part + 1], part[#part + 2] = entry[1], stanza
    end
  end
  found[#found + 1] = part
end
return found
`;

// Replaces or deletes entries of a stream: Redis changes none in place, so all are written anew, under the same ids. Of an entry that says nothing
// any more only the number counts, as of a kind that no version knows.
// KEYS: stream. ARGV: of each entry its id, and its stanza or ''. Returns: how many entries are left.
const REWRITE = `
local stream, stanzas = KEYS[1], {}
for i = 1, #ARGV, 2 do stanzas[ARGV[i]] = ARGV[i + 1] end
local all = redis.call('XRANGE', stream, '-', '+')
redis.call('DEL', stream)
local left = 0
for _, entry in ipairs(all) do
  local id, fields = entry[1], entry[2]
  local stanza = stanzas[id]
  if stanza ~= '' then
    for i = 1, #fields, 2 do
      if stanza and fields[i] == 'e' then fields[i + 1] = stanza end
      if stanza == '{}' and fields[i] == 'k' then fields[i + 1] = 'erased' end
    end
    redis.call('XADD', stream, id, unpack(fields))
    left = left + 1
  end
end
return left
`;

async function rewriteEach(
  { store }: Log,
  { who, quoted }: Person,
  streams: readonly FoundKey[],
  change: (stanza: string) => string,
): Promise<void> {
  if (streams.length === 0) return;
  const names = streams.map(({ key }) => key);
  const found = await store.runScript(FIND, v.array(v.array(v.string())), names, [who, quoted]);
  for (const [i, flat] of found.entries()) {
    const changes = flat.flatMap((stanza, j) => {
      const after = j % 2 === 1 ? change(stanza) : stanza;
      return after === stanza ? [] : [flat[j - 1] ?? "", after];
    });
    if (changes.length > 0) await store.runScript(REWRITE, Count, [names[i] ?? ""], changes);
  }
}

const NOTHING = "{}";
const Blocking = v.pipe(v.string(), v.parseJson(), v.looseObject({ block: v.looseObject({ entity: v.string() }) }));

/** Takes a person out of the own logs of those who block the person. */
export function eraseFromOwnLogs(log: Log, person: Person, logs: readonly FoundKey[]): Promise<void> {
  return rewriteEach(log, person, logs, (stanza) => {
    const parsed = v.safeParse(Blocking, stanza);
    return parsed.success && parsed.output.block.entity === person.entity ? NOTHING : stanza;
  });
}

const sender = v.exactOptional(v.looseObject({ id: v.string() }));
const mentions = v.exactOptional(v.array(v.string()));
const Event = v.pipe(
  v.string(),
  v.parseJson(),
  v.variant("type", [
    v.looseObject({ type: v.literal("message"), message: v.looseObject({ sender, mentions }) }),
    v.looseObject({ type: v.literal("edit"), edit: v.looseObject({ entity: v.string(), mentions }) }),
    v.looseObject({ type: v.literal("retract"), retract: v.looseObject({ entity: v.string() }) }),
    v.looseObject({ type: v.literal("unread"), unread: v.looseObject({ who: v.string() }) }),
    v.looseObject({
      type: v.literal("report"),
      report: v.looseObject({ by: v.string(), message: v.looseObject({ sender, mentions }) }),
    }),
    v.looseObject({
      type: v.literal("thread"),
      thread: v.looseObject({ by: v.string(), entity: v.string(), entities: v.exactOptional(v.array(v.string())) }),
    }),
  ]),
);

/** Takes a person out of the events that the host's server is yet to be told: it is not told any more what the person has said. */
export function eraseFromOutbox(log: Log, person: Person, outboxes: readonly FoundKey[]): Promise<void> {
  return rewriteEach(log, person, outboxes, (stanza) => {
    const parsed = v.safeParse(Event, stanza);
    if (!parsed.success) return stanza.includes(person.quoted) ? "" : stanza;
    const after = withoutPerson(parsed.output, person);
    return after === parsed.output ? stanza : after === undefined ? "" : JSON.stringify(after);
  });
}

type Event = v.InferOutput<typeof Event>;

/** Returns what an event says without a person; undefined if that is nothing, the event itself if it does not name the person. */
function withoutPerson(event: Event, { entity, who }: Person): Event | undefined {
  switch (event.type) {
    case "message": {
      const { message } = event;
      if (message.sender?.id === entity) return undefined;
      return message.mentions?.includes(entity) ? { ...event, message: unmentioned(message, entity) } : event;
    }
    case "edit": {
      const { edit } = event;
      if (edit.entity === entity) return undefined;
      return edit.mentions?.includes(entity) ? { ...event, edit: unmentioned(edit, entity) } : event;
    }
    case "retract": {
      const { retract } = event;
      return retract.entity === entity ? { ...event, retract: { ...retract, entity: ERASED } } : event;
    }
    case "unread": {
      const others = event.unread.who.split(" ").filter((it) => it !== who);
      if (others.length === 0) return undefined;
      const left = others.join(" ");
      return left === event.unread.who ? event : { ...event, unread: { ...event.unread, who: left } };
    }
    case "report": {
      const { report } = event;
      if (report.by === entity || report.message.sender?.id === entity) return undefined;
      if (!report.message.mentions?.includes(entity)) return event;
      return { ...event, report: { ...report, message: unmentioned(report.message, entity) } };
    }
    case "thread":
      return changeWithout(event, entity);
  }
}

function changeWithout(event: Extract<Event, { type: "thread" }>, entity: string): Event | undefined {
  const { by, entity: author, entities, ...rest } = event.thread;
  if (by !== entity && author !== entity && !entities?.includes(entity)) return event;
  const others = entities?.filter((it) => it !== entity);
  if (others?.length === 0) return undefined;
  const other = (it: string) => (it === entity ? ERASED : it);
  const thread = {
    ...rest,
    by: other(by),
    entity: other(author),
    ...(others === undefined ? {} : { entities: others }),
  };
  return { ...event, thread };
}

function unmentioned<Of extends { mentions?: string[] }>(of: Of, entity: string): Of {
  return { ...of, mentions: (of.mentions ?? []).filter((it) => it !== entity) };
}
