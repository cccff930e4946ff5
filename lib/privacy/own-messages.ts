import * as v from "valibot";
import { RETRACTED } from "../chat/archive.js";
import { RETRACTED_BYTES } from "../chat/edit.js";
import { Fault } from "../fault.js";
import type { Log } from "../log/log.js";
import { write, writeScript } from "../log/write.js";
import type { FoundKey } from "../store/keys.js";
import { Count, Json } from "../store/replies.js";
import type { Person } from "./person.js";
import { eachPart } from "./store-walk.js";

// Each is up to 4 MiB, and typically 100 KB; the script reads them whole, and Redis does nothing else meanwhile.
const LISTS_AT_ONCE = 8;
// How often a list is read again in which somebody changed a message meanwhile.
const ATTEMPTS = 5;

// Finds the messages that may be of a person or name the person, and the tombstones whose stamps say that they were.
// KEYS: list and thread of each part of an archive. ARGV: who (encoded), and quoted as in JSON.
// Returns: for each part {index, message, whether the stamp says that it is the person's …}.
const FIND = `
local who, quoted = ARGV[1], ARGV[2]
local found = {}
for k = 1, #KEYS, 2 do
  local part, ids, at = {}, {}, {}
  for i, message in ipairs(redis.call('LRANGE', KEYS[k], 0, -1)) do
    local id = string.match(message, '"id":"([^"]+)"')
    if id and (string.find(message, quoted, 1, true) or string.find(message, '"retracted":"', 1, true)) then
      ids[#ids + 1] = 'id:' .. string.lower(id)
      at[#at + 1] = {i - 1, message}
    end
  end
  for from = 1, #ids, 1000 do
    local stamps = redis.call('HMGET', KEYS[k + 1], unpack(ids, from, math.min(from + 999, #ids)))
    for i, stamp in ipairs(stamps) do
      local one = at[from + i - 1]
      local theirs = string.match(stamp or '', '^%S+ %S+ (%S+)') == who
      if theirs or string.find(one[2], quoted, 1, true) then
        part[#part + 1], part[#part + 2], part[#part + 3] = one[1], one[2], theirs and 1 or 0
      end
    end
  end
  found[#found + 1] = part
end
return found
`;

const Message = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({
    id: v.string(),
    thread: v.string(),
    seq: v.number(),
    timestamp: v.string(),
    sender: v.exactOptional(v.looseObject({ id: v.string() })),
    mentions: v.exactOptional(v.array(v.string())),
  }),
);

type Found = { index: number; json: string; isTheirs: boolean };

async function find(log: Log, { who, quoted }: Person, lists: readonly FoundKey[]): Promise<Found[][]> {
  const parts = await log.store.runScript(
    FIND,
    v.array(v.array(v.union([Count, Json]))),
    lists.flatMap(({ key, of }) => [key, log.keys.thread(of)]),
    [who, quoted],
  );
  return parts.map((flat) =>
    Array.from({ length: flat.length / 3 }, (_, i) => ({
      index: Number(flat[3 * i]),
      json: `${flat[3 * i + 1]}`,
      isTheirs: flat[3 * i + 2] === 1,
    })),
  );
}

/** Reads the messages that a person has sent, as JSON, out of parts of archives. */
export async function readOwnMessages(log: Log, person: Person, lists: readonly FoundKey[]): Promise<string[]> {
  const own: string[] = [];
  await eachPart(lists, LISTS_AT_ONCE, async (some) => {
    for (const { json } of (await find(log, person, some)).flat())
      if (v.parse(Message, json).sender?.id === person.entity) own.push(json);
  });
  return own;
}

/**
 * Erases a person from parts of archives: leaves tombstones of the messages that the person has sent, without sender and fingerprint, and takes
 * the person out of the mentions of others.
 */
export async function eraseMessages(log: Log, person: Person, lists: readonly FoundKey[], now: number): Promise<void> {
  await eachPart(lists, LISTS_AT_ONCE, async (some) => {
    let left: readonly FoundKey[] = some;
    for (let attempt = 0; left.length > 0; attempt++) {
      if (attempt === ATTEMPTS) throw new Fault("unavailable", { detail: "Messages are being changed", retryAfter: 1 });
      const found = await find(log, person, left);
      const changed: FoundKey[] = [];
      for (const [i, list] of left.entries()) {
        const replaced = (found[i] ?? []).flatMap((it) => replacement(it, person, now));
        if (replaced.length > 0 && (await replace(log, list, replaced, now)) > 0) changed.push(list);
      }
      left = changed;
    }
  });
}

type Replaced = { index: number; id: string; before: string; after: string; isTheirs: boolean };

function replacement({ index, json, isTheirs }: Found, { entity }: Person, now: number): Replaced[] {
  const message = v.parse(Message, json);
  const { id, thread, seq, timestamp, sender, mentions } = message;
  const one = { index, id: id.toLowerCase(), before: json };
  if (sender?.id === entity) {
    const retracted = new Date(now).toISOString();
    return [{ ...one, isTheirs: true, after: JSON.stringify({ id, thread, seq, timestamp, retracted }) }];
  }
  // Only a tombstone is known by its stamp: in other messages the script may have found an id of an attachment.
  if (sender === undefined) return isTheirs ? [{ ...one, isTheirs, after: json }] : [];
  if (!mentions?.includes(entity)) return [];
  const others = mentions.filter((it) => it !== entity);
  return [{ ...one, isTheirs: false, after: JSON.stringify({ ...message, mentions: others }) }];
}

// Replaces messages that are still as they were read, and what the thread notes of them. Whoever is correcting one then finds that it has changed.
// Streams from before will resync: the thread is marked for that. Notifications that show a message of the person are taken back.
// KEYS: clock, list, thread. ARGV: own: thread id, version, then of each message: index, id, before, after, "1" if it is a tombstone of the person.
// Returns: how many had changed.
const REPLACE = writeScript(`
local list, thread, place, version = KEYS[2], KEYS[3], ARGV[5], ARGV[6]
local changed, gone = 0, {}
for i = 7, #ARGV, 5 do
  local index, id, before, after, theirs = ARGV[i], 'id:' .. ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4] == '1'
  if redis.call('LINDEX', list, index) ~= before then
    changed = changed + 1
  else
    local seq, at, sender, print, word = string.match(redis.call('HGET', thread, id) or '', '^(%S+) (%S+) (%S+) (%S+) ?(%S*)')
    redis.call('LSET', list, index, after)
    if seq and theirs then
      redis.call('HSET', thread, id, seq .. ' ' .. at .. ' - - ${RETRACTED}')
      if word ~= '${RETRACTED}' then
        gone[#gone + 1] = seq
        local numbers = redis.call('HGET', thread, 'retracted') or ''
        redis.call('HSET', thread, 'retracted', string.sub(seq .. ' ' .. numbers, 1, ${RETRACTED_BYTES}))
      end
    elseif seq then
      redis.call('HSET', thread, id, table.concat({seq, at, sender, print, version}, ' '))
    end
    redis.call('HSET', thread, 'cut', '1')
  end
end
if #gone > 0 then ring(place, 'x', table.concat(gone, ' ')) end
return changed
`);

function replace(log: Log, { key, of }: FoundKey, all: readonly Replaced[], now: number): Promise<number> {
  return write(
    log,
    REPLACE,
    Count,
    now,
    [key, log.keys.thread(of)],
    [
      ...[of, log.nonces.next()],
      ...all.flatMap(({ index, id, before, after, isTheirs }) => [index, id, before, after, isTheirs ? "1" : "0"]),
    ],
  );
}
