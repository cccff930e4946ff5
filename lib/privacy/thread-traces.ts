import * as v from "valibot";
import { REACTION_NAMES } from "../chat/reaction.js";
import type { Log } from "../log/log.js";
import { MARKS_FIELD, SPLIT_MARKS } from "../log/read-marks.js";
import { type FoundKey, ownLog } from "../store/keys.js";
import { Count } from "../store/replies.js";
import type { Person } from "./person.js";

/** The fields of a thread's hash that are of one user; the encoded entity follows. */
export const MEMBER_FIELDS = [
  ...(["role", "read", "muted", "hidden", "from", "ban", "told", "was", "unaware"] as const),
  ...(["pinned", "marked", "notify", "pushed"] as const),
];

// Forgets what threads note of a user who is no member any more. KEYS: thread, members, when the user last sent, of each. ARGV: who (encoded), then
// the fields. Returns: how many threads knew the user.
const FORGET = `
local who, known = ARGV[1], 0
for k = 1, #KEYS, 3 do
  local thread, members, sent = KEYS[k], KEYS[k + 1], KEYS[k + 2]
  if redis.call('HEXISTS', thread, 'ban:' .. who) == 1 then redis.call('HINCRBY', thread, 'bans', -1) end
  local fields = {}
  for i = 2, #ARGV do fields[#fields + 1] = ARGV[i] .. ':' .. who end
  if redis.call('HDEL', thread, unpack(fields)) > 0 then
    redis.call('HSET', thread, 'cut', '1')
    known = known + 1
  end
  redis.call('ZREM', members, who)
  redis.call('DEL', sent)
end
return known
`;

/** Forgets what threads note of a user whose memberships have ended. */
export async function eraseMember({ keys, store }: Log, { who }: Person, threads: readonly FoundKey[]): Promise<void> {
  const found = threads.flatMap(({ key, of }) => [key, keys.members(of), keys.sent(of, who)]);
  await store.runScript(FORGET, Count, found, [who, ...MEMBER_FIELDS]);
}

// Takes the read marks of a user out of those of threads. KEYS: marks, thread, of each. ARGV: who (encoded). Returns: how many there were.
const UNMARK = `
${SPLIT_MARKS}
local who, gone = ARGV[1], 0
local function without(marks) return table.concat(others(marks, {[who] = true}), ',') end
for k = 1, #KEYS, 2 do
  local marks, thread = KEYS[k], KEYS[k + 1]
  local entry = redis.call('XREVRANGE', marks, '+', '-', 'COUNT', '1')[1]
  local before = entry and entry[2][2] or ''
  local after = without(before)
  if before ~= after then
    redis.call('DEL', marks)
    if after ~= '' then redis.call('XADD', marks, entry[1], '${MARKS_FIELD}', after) end
    gone = gone + 1
  end
  local noted = redis.call('HGET', thread, 'marks')
  if noted and without(noted) ~= noted then redis.call('HSET', thread, 'marks', without(noted)) end
end
return gone
`;

/** Takes the read marks of a user out of those of threads. A user's own log of marks names threads, and no user. */
export async function eraseReadMarks({ keys, store }: Log, { who }: Person, marks: readonly FoundKey[]): Promise<void> {
  const ofThreads = marks.filter(({ of }) => !of.startsWith(ownLog("")));
  if (ofThreads.length === 0) return;
  const found = ofThreads.flatMap(({ key, of }) => [key, keys.thread(of)]);
  await store.runScript(UNMARK, Count, found, [who]);
}

// Finds the reactions of a user, or removes them. KEYS: reactions, thread, of each. ARGV: who (encoded), "1" to remove.
// Returns: for each {seq, emoji …}.
const REACTIONS = `
${REACTION_NAMES}
local who, removes = ARGV[1], ARGV[2] == '1'
local short = shorten(who)
local found = {}
for k = 1, #KEYS, 2 do
  local reactions, thread, part = KEYS[k], KEYS[k + 1], {}
  local all = redis.call('HGETALL', reactions)
  for i = 1, #all, 2 do
    local kept = {}
    local count = #part
    for emoji, names in string.gmatch(all[i + 1], '([^ =]+)=([^ ]+)') do
      local rest = without(without(names, who), short)
      if rest ~= names then part[#part + 1], part[#part + 2] = all[i], emoji end
      if rest ~= '' then kept[#kept + 1] = emoji .. '=' .. rest end
    end
    if removes and #part > count then
      if #kept == 0 then redis.call('HDEL', reactions, all[i]) else redis.call('HSET', reactions, all[i], table.concat(kept, ' ')) end
      redis.call('HSET', thread, 'cut', '1')
    end
  end
  found[#found + 1] = part
end
return found
`;

/** A reaction of a user to the message of a thread that has this seq. */
export type OwnReaction = { thread: string; seq: number; emoji: string };

/** Finds the reactions of a user in threads. */
export function readReactions(log: Log, person: Person, reactions: readonly FoundKey[]): Promise<OwnReaction[]> {
  return lookAtReactions(log, person, reactions, false);
}

/** Removes the reactions of a user in threads, also those that are only counted. */
export async function eraseReactions(log: Log, person: Person, reactions: readonly FoundKey[]): Promise<void> {
  await lookAtReactions(log, person, reactions, true);
}

async function lookAtReactions(log: Log, { who }: Person, reactions: readonly FoundKey[], removes: boolean) {
  const { keys, store } = log;
  const found = await store.runScript(
    REACTIONS,
    v.array(v.array(v.string())),
    reactions.flatMap(({ key, of }) => [key, keys.thread(of)]),
    [who, removes ? "1" : "0"],
  );
  return reactions.flatMap(({ of }, i) => {
    const flat = found[i] ?? [];
    return Array.from({ length: flat.length / 2 }, (_, j) => ({
      thread: of,
      seq: Number(flat[2 * j]),
      emoji: flat[2 * j + 1] ?? "",
    }));
  });
}

/** Revokes the invites to rooms that a user has made. */
export async function eraseInvites({ keys, store }: Log, { who }: Person, invites: readonly FoundKey[]): Promise<void> {
  const found = await store.transact(v.array(v.array(v.string())), (batch) => {
    for (const { key } of invites) batch.hgetall(key);
  });
  const own = invites.flatMap(({ key }, i) => {
    const flat = found[i] ?? [];
    return flat.flatMap((sha, j) => (j % 2 === 0 && flat[j + 1]?.split(" ")[0] === who ? [{ key, sha }] : []));
  });
  if (own.length === 0) return;
  await store.transact(v.array(Count), (batch) => {
    for (const { key, sha } of own) batch.hdel(key, sha).del(keys.invite(sha));
  });
}
