import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import type { Reaction } from "../schema/stanza.js";
import { decode, encode } from "../store/keys.js";
import { checkOutcome } from "./outcome.js";

/** The number of distinct emoji that a message may have. */
const DISTINCT_MAX = 20;

// Adds or removes a reaction. The reactions of a message are stored as one text, "<emoji>=<who>,<who> <emoji>=<who>", who encoded.
// KEYS: clock, thread, events, tips, reactions. ARGV: own: who (encoded), thread id, message id, emoji, "1" to remove, stanza.
// Returns: {ok}, {not_member}, {unknown}, {read_only} or {many}.
const REACT = writeScript(`
local thread, events, tips, reactions = KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local who, id, message, emoji, remove, stanza = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9] == '1', ARGV[10]
local it = redis.call('HMGET', thread, 'tip', 'role:' .. who, 'id:' .. message, 'kind')
local tip, role, stamp, kind = it[1], it[2], it[3], it[4]
if not role then return {'not_member'} end
local seq = stamp and not string.find(stamp, ' retracted$') and string.match(stamp, '^%d+')
if not seq then return {'unknown'} end
if role == 'visitor' then return {'read_only'} end
local before = redis.call('HGET', reactions, seq) or ''
local all, distinct, found, changed = {}, 0, false, false
for one, names in string.gmatch(before, '([^ =]+)=([^ ]+)') do
  local kept = {}
  for name in string.gmatch(names, '[^,]+') do
    local own = one == emoji and name == who
    if own then found = true end
    if not (own and remove) then kept[#kept + 1] = name end
  end
  if one == emoji and not found and not remove then kept[#kept + 1] = who; changed = true end
  if #kept > 0 then distinct = distinct + 1; all[distinct] = one .. '=' .. table.concat(kept, ',') end
end
if found and remove then changed = true end
if not found and not changed and not remove then
  if distinct >= ${DISTINCT_MAX} then return {'many'} end
  all[distinct + 1] = emoji .. '=' .. who
  changed = true
end
if not changed then return {'ok'} end
local at = append(events, tip, kind == 'direct' and 'direct' or 'post', who, id, stanza)
redis.call('HSET', reactions, seq, table.concat(all, ' '))
redis.call('HSET', thread, 'tip', at)
redis.call('ZADD', tips, at, id)
commit()
return {'ok'}
`);

const Reacted = v.tuple([v.picklist(["ok", "not_member", "unknown", "read_only", "many"])]);

/** Reacts to a message with an emoji, or removes a reaction (XEP-0444). Throws `thread_not_found`, `message_not_found`, `forbidden`. */
export async function react(chat: Instance, caller: Caller, request: Reaction, now: number) {
  const { thread, id, emoji, remove } = request;
  const entity = caller.actor.id;
  const timestamp = new Date(now).toISOString();
  const stanza = {
    type: "reaction",
    reaction: { thread, id, emoji, ...(remove ? { remove } : {}), entity, timestamp },
  };
  const [outcome] = await write(
    chat,
    REACT,
    Reacted,
    now,
    [chat.keys.thread(thread), chat.keys.events(thread), chat.keys.tips(thread), chat.keys.reactions(thread)],
    [encode(entity), thread, id.toLowerCase(), emoji, remove ? "1" : "0", JSON.stringify(stanza)],
  );
  if (outcome === "many")
    throw new Fault("forbidden", { detail: `A message has at most ${DISTINCT_MAX} different emoji` });
  checkOutcome(outcome);
  return { type: "reaction", thread, id, timestamp };
}

// Only the server can write this end of a message: it owns the property name, and a quote within a text is escaped.
const TOMBSTONE = /,"retracted":"[^"\\]*"\}$/;

/** Adds its reactions to a message in JSON; a retracted message has none. */
export function withReactions(message: string, reactions: string | null): string {
  return reactions && !TOMBSTONE.test(message)
    ? `${message.slice(0, -1)},"reactions":${JSON.stringify(parse(reactions))}}`
    : message;
}

/** Parses the text in which a message's reactions are stored: emoji → entities. */
function parse(text: string): Record<string, string[]> {
  const pairs = text
    .split(" ")
    .filter(Boolean)
    .map((it) => it.split("="));
  return Object.fromEntries(pairs.map(([emoji = "", names = ""]) => [emoji, names.split(",").map(decode)]));
}
