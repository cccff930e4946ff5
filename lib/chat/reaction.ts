import * as v from "valibot";
import type { Instance } from "../log/instance.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import { roleOf } from "../people/system.js";
import type { Reaction } from "../schema/stanza.js";
import { decode, encode } from "../store/keys.js";
import { isHidden, TOMBSTONE } from "./archive.js";
import { checkOutcome } from "./outcome.js";

/** The number of distinct emoji that a message may have. */
const DISTINCT_MAX = 20;
/** The reactions of a message are read as one text. Of a room of 10,000 members each can react with several emoji. */
const REACTIONS_MAX = 50_000;
/** The names that are shown with an emoji, the latest ones; all are counted. */
const NAMES_MAX = 50;
/** The bytes of names that are shown with a message: as many as the message may have itself. */
const NAMES_BYTES = 16 * 1024;

/** Lua: `without(names, name)` removes a name from a list of names; `shorten(name)` is what is kept of all but the latest names. */
export const REACTION_NAMES = `
local function shorten(name) return '#' .. string.sub(redis.sha1hex(name), 1, 12) end
local function without(names, name)
  local from, to = string.find(',' .. names .. ',', ',' .. name .. ',', 1, true)
  if not from then return names end
  local rest = string.sub(names, 1, math.max(0, from - 2)) .. string.sub(names, to - 1)
  return (string.gsub(rest, '^,', ''))
end`;

// Adds or removes a reaction. The reactions of a message are stored as one text, "<emoji>=<who>,<who> <emoji>=<who>", the latest last, who
// encoded. Of all but the latest names only "#" and the beginning of a SHA-1 is kept, so that they can be counted and found again.
// KEYS: clock, thread, events, tips, reactions. ARGV: own: who (encoded), thread id, message id, emoji, "1" to remove, stanza, time.
// Returns: {ok}, {not_member}, {unknown}, {read_only} or {many}.
const REACT = writeScript(`
local thread, events, tips, reactions = KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local who, id, message, emoji, remove = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9] == '1'
local stanza, timestamp = ARGV[10], ARGV[11]
local it = redis.call('HMGET', thread, 'tip', 'role:' .. who, 'id:' .. message, 'kind', 'history', 'from:' .. who)
local tip, role, stamp, kind = it[1], ${roleOf("it[2]", "who", "it[4]")}, it[3], it[4]
if not role then return {'not_member'} end
local seq = stamp and not string.find(stamp, ' retracted$') and string.match(stamp, '^%d+')
if not seq then return {'unknown'} end
if ${isHidden("it[5]", "it[6]", "seq")} then return {'unknown'} end
if role == 'visitor' then return {'read_only'} end
local before = redis.call('HGET', reactions, seq) or ''
${REACTION_NAMES}
local function count(names, pattern) return select(2, string.gsub(names, pattern, '')) end
local function shortened(names)
  local full = count(names, '[^,]+') - count(names, '#')
  if full <= ${NAMES_MAX} then return names end
  local left = full - ${NAMES_MAX}
  return (string.gsub(names, '[^,]+', function(name)
    if left > 0 and string.sub(name, 1, 1) ~= '#' then left = left - 1; return shorten(name) end
  end))
end
local all, changed, known = {}, false, false
for one, names in string.gmatch(before, '([^ =]+)=([^ ]+)') do
  if one == emoji then
    known = true
    local rest = without(without(names, who), shorten(who))
    local found = rest ~= names
    changed = found == remove
    if found and remove then names = rest elseif not found and not remove then names = shortened(names .. ',' .. who) end
  end
  if names ~= '' then all[#all + 1] = one .. '=' .. names end
end
if not known and not remove then
  if #all >= ${DISTINCT_MAX} then return {'many'} end
  all[#all + 1] = emoji .. '=' .. who
  changed = true
end
if not changed then return {'ok'} end
local after = table.concat(all, ' ')
if not remove and count(after, '[=,]') > ${REACTIONS_MAX} then return {'many'} end
local at = append(events, tip, kind == 'direct' and 'direct' or 'post', who, id, stanza)
redis.call('HSET', reactions, seq, after)
redis.call('HSET', thread, 'tip', at, 'updated', timestamp)
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
    [encode(entity), thread, id.toLowerCase(), emoji, remove ? "1" : "0", JSON.stringify(stanza), timestamp],
  );
  checkOutcome(outcome, {
    many: `A message has at most ${DISTINCT_MAX} different emoji, and ${REACTIONS_MAX} reactions`,
  });
  return { type: "reaction", thread, id, timestamp };
}

/**
 * Adds its reactions to a message in JSON: the latest names of each emoji; where some are left out, how many there are, too. A retracted
 * message has none.
 */
export function withReactions(message: string, reactions: string | null): string {
  if (!reactions || TOMBSTONE.test(message)) return message;
  const all = parse(reactions);
  const shown = show(all);
  const isWhole = all.every(({ emoji, names }) => shown.get(emoji)?.length === names.length);
  const counts = Object.fromEntries(all.map(({ emoji, names }) => [emoji, names.length]));
  const more = isWhole ? "" : `,"reactionCounts":${JSON.stringify(counts)}`;
  return `${message.slice(0, -1)},"reactions":${JSON.stringify(Object.fromEntries(shown))}${more}}`;
}

type Reactions = { emoji: string; names: string[] };

/** Parses the text in which a message's reactions are stored. */
function parse(text: string): Reactions[] {
  return text
    .split(" ")
    .filter(Boolean)
    .map((it) => {
      const [emoji = "", names = ""] = it.split("=");
      return { emoji, names: names.split(",") };
    });
}

/** Returns the names to show for each emoji: the latest ones, of each emoji as many, until the bytes are used up. */
function show(all: readonly Reactions[]): Map<string, string[]> {
  const latest = all.map(({ emoji, names }) => ({
    emoji,
    names: names.slice(-NAMES_MAX).filter((name) => !name.startsWith("#")),
  }));
  const shown = new Map<string, string[]>(latest.map(({ emoji }) => [emoji, []]));
  let bytes = 0;
  for (let back = 1; back <= NAMES_MAX; back++) {
    for (const { emoji, names } of latest) {
      const name = names.at(-back);
      if (name === undefined) continue;
      const entity = decode(name);
      bytes += Buffer.byteLength(JSON.stringify(entity)) + 1;
      if (bytes > NAMES_BYTES) return shown;
      shown.get(emoji)?.unshift(entity);
    }
  }
  return shown;
}
