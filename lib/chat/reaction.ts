import * as v from "valibot";
import { Fault } from "../fault.js";
import * as log from "../log/write.js";
import type { Caller } from "../people/caller.js";
import type { Reaction } from "../schema/stanza.js";
import * as keys from "../store/keys.js";

/** Distinct emoji that a message may carry. */
const DISTINCT_MAX = 20;

// Adds or takes away one reaction. A message's reactions are one text, "<emoji>=<who>,<who> <emoji>=<who>", who encoded.
// KEYS: clock, thread, events, tips, reactions. ARGV: own: who (encoded), thread id, message id, emoji, "1" to take away, stanza.
// Returns: {ok}, {stranger}, {unknown}, {voiceless} or {full}.
const REACT = `
local it = redis.call('HMGET', KEYS[2], 'tip', 'role:' .. ARGV[5], 'id:' .. ARGV[7], 'kind')
if not it[2] then return {'stranger'} end
local seq = it[3] and not string.find(it[3], ' retracted$') and string.match(it[3], '^%d+')
if not seq then return {'unknown'} end
if it[2] == 'visitor' then return {'voiceless'} end
local before = redis.call('HGET', KEYS[5], seq) or ''
local all, distinct, found, changed = {}, 0, false, false
for emoji, names in string.gmatch(before, '([^ =]+)=([^ ]+)') do
  local kept = {}
  for name in string.gmatch(names, '[^,]+') do
    if emoji == ARGV[8] and name == ARGV[5] then found = true end
    if not (emoji == ARGV[8] and name == ARGV[5] and ARGV[9] == '1') then kept[#kept + 1] = name end
  end
  if emoji == ARGV[8] and not found and ARGV[9] ~= '1' then kept[#kept + 1] = ARGV[5]; changed = true end
  if #kept > 0 then distinct = distinct + 1; all[distinct] = emoji .. '=' .. table.concat(kept, ',') end
end
if found and ARGV[9] == '1' then changed = true end
if not found and not changed and ARGV[9] ~= '1' then
  if distinct >= ${DISTINCT_MAX} then return {'full'} end
  all[distinct + 1] = ARGV[8] .. '=' .. ARGV[5]
  changed = true
end
if not changed then return {'ok'} end
local at = append(KEYS[3], it[1], it[4] == 'direct' and 'direct' or 'post', ARGV[5], ARGV[6], ARGV[10])
redis.call('HSET', KEYS[5], seq, table.concat(all, ' '))
redis.call('HSET', KEYS[2], 'tip', at)
redis.call('ZADD', KEYS[4], at, ARGV[6])
commit()
return {'ok'}
`;

const Reacted = v.tuple([v.picklist(["ok", "stranger", "unknown", "voiceless", "full"])]);

/** Reacts to a message with an emoji, or takes that back (XEP-0444). Throws `thread_not_found`, `message_not_found`, `forbidden`. */
export async function react(caller: Caller, request: Reaction, now: number) {
  const { thread, id, emoji, remove } = request;
  const entity = caller.actor.id;
  const timestamp = new Date(now).toISOString();
  const stanza = {
    type: "reaction",
    reaction: { thread, id, emoji, ...(remove ? { remove } : {}), entity, timestamp },
  };
  const [outcome] = await log.write(
    REACT,
    Reacted,
    now,
    [keys.thread(thread), keys.events(thread), keys.tips(thread), keys.reactions(thread)],
    [keys.encode(entity), thread, id.toLowerCase(), emoji, remove ? "1" : "0", JSON.stringify(stanza)],
  );
  if (outcome === "stranger") throw new Fault("thread_not_found");
  if (outcome === "unknown") throw new Fault("message_not_found");
  if (outcome === "voiceless") throw new Fault("forbidden");
  if (outcome === "full")
    throw new Fault("forbidden", { detail: `A message carries at most ${DISTINCT_MAX} different emoji` });
  return { type: "reaction", thread, id, timestamp };
}

// No message ends so that its sender wrote: the server owns the name, and a quote within a text is escaped.
const TOMBSTONE = /,"retracted":"[^"\\]*"\}$/;

/** Adds to a message, as JSON, the reactions that it carries; one that was retracted carries none. */
export function withReactions(message: string, reactions: string | null): string {
  return reactions && !TOMBSTONE.test(message)
    ? `${message.slice(0, -1)},"reactions":${JSON.stringify(parse(reactions))}}`
    : message;
}

/** Reads the text that a message's reactions are kept as: emoji → entities. */
function parse(text: string): Record<string, string[]> {
  const pairs = text
    .split(" ")
    .filter(Boolean)
    .map((it) => it.split("="));
  return Object.fromEntries(pairs.map(([emoji = "", names = ""]) => [emoji, names.split(",").map(keys.decode)]));
}
