import * as v from "valibot";
import { Fault } from "../fault.js";
import { MARKS_FIELD, receiptAround, SPLIT_MARKS } from "../log/read-marks.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import type { Receipt } from "../schema/stanza.js";
import { encode, ownLog } from "../store/keys.js";
import { Count } from "../store/replies.js";
import type { Reading } from "./receipt-batch.js";
import type { Chat } from "./thread.js";

// In larger rooms, a read receipt goes to the caller's own streams only: receipts to all members grow with the square of their number.
const SHARED_MAX = 100;

// Of a user's positions in large rooms the newest are kept, 10 KB in all. A badge of a room that was read before these can be wrong on a
// device that slept since; the list of threads has all of them.
const OWN_MARKS_MAX = 100;

// Moves read marks forward, with an event for all members or, in a large room, for the reader alone; keeps them as `log/read-marks` says.
// What rang for a reader and is read now is taken back.
// KEYS: clock, then of each thread: thread, members, marks, then of each reader: own marks. ARGV: own: number of threads, time in ms; then of
// each thread: id, number of readers, then of each reader: who (encoded), seq, stanza before and after the seq.
// Returns: of each reader the seq, or -1 for one who is not a member.
const READ = writeScript(`
local key, at, seqs = 2, 7, {}
${SPLIT_MARKS}
local function store(marks, list)
  local joined = table.concat(list, ',')
  redis.call('XADD', marks, 'MAXLEN', '1', text(n) .. '-0', '${MARKS_FIELD}', joined)
  return joined
end
local function formatMark(seq, name) return text(n) .. ':' .. text(seq) .. ':' .. ARGV[6] .. ':' .. name end
local function tellAll(thread, id, marks, known, moves)
  local moved = {}
  for _, it in ipairs(moves) do moved[it.who] = true end
  local list = others(known, moved)
  if #list + #moves > ${SHARED_MAX} then
    local roles = {}
    for i, mark in ipairs(list) do roles[i] = 'role:' .. whose(mark) end
    for i, role in ipairs(redis.call('HMGET', thread, unpack(roles))) do if not role then moved[whose(list[i])] = true end end
    list = others(known, moved)
  end
  for _, it in ipairs(moves) do
    pass('read', it.who, id, it.head .. text(it.seq) .. it.tail)
    list[#list + 1] = formatMark(it.seq, it.who)
  end
  return store(marks, list)
end
local function tellReader(id, it)
  local entry = redis.call('XREVRANGE', it.marks, '+', '-', 'COUNT', '1')[1]
  local list = others(entry and entry[2][2], {[id] = true})
  if #list >= ${OWN_MARKS_MAX} then table.remove(list, 1) end
  pass('ownread', it.who, id, it.head .. text(it.seq) .. it.tail)
  list[#list + 1] = formatMark(it.seq, id)
  store(it.marks, list)
end
for _ = 1, tonumber(ARGV[5]) do
  local thread, members, marks = KEYS[key], KEYS[key + 1], KEYS[key + 2]
  local id, readers, fields = ARGV[at], {}, {'seq', 'marks'}
  for i = 1, tonumber(ARGV[at + 1]) do
    local first = at - 2 + 4 * i
    local it = {who = ARGV[first], wanted = tonumber(ARGV[first + 1]), head = ARGV[first + 2], tail = ARGV[first + 3], marks = KEYS[key + 2 + i]}
    readers[i], fields[3 * i], fields[3 * i + 1], fields[3 * i + 2] = it, 'role:' .. it.who, 'read:' .. it.who, 'pushed:' .. it.who
  end
  key, at = key + 3 + #readers, at + 2 + 4 * #readers
  local found, changes, moves, silenced = redis.call('HMGET', thread, unpack(fields)), {}, {}, {}
  local newest = tonumber(found[1] or 0)
  for i, it in ipairs(readers) do
    local role, read, pushed = found[3 * i], tonumber(found[3 * i + 1] or 0), tonumber(found[3 * i + 2])
    it.seq = math.min(it.wanted, newest)
    local isNew = it.seq > read
    if not isNew then it.seq = math.floor(read) end
    if role and it.seq ~= read then changes[#changes + 1] = 'read:' .. it.who; changes[#changes + 1] = text(it.seq) end
    if role and isNew then moves[#moves + 1] = it end
    if pushed and it.seq >= pushed then silenced[#silenced + 1] = it.who end
    seqs[#seqs + 1] = role and it.seq or -1
  end
  if #moves > 0 and redis.call('ZCARD', members) <= ${SHARED_MAX} then
    changes[#changes + 1] = 'marks'
    changes[#changes + 1] = tellAll(thread, id, marks, found[2], moves)
  else
    for _, it in ipairs(moves) do tellReader(id, it) end
  end
  if #changes > 0 then redis.call('HSET', thread, unpack(changes)) end
  for _, who in ipairs(silenced) do
    redis.call('HDEL', thread, 'pushed:' .. who)
    ring(id, 'r', who)
  end
end
if #lines > 0 then commit() end
return seqs
`);

/** Marks messages as read up to `seq` (XEP-0333), or up to the newest if that is earlier. Throws `thread_not_found`. */
export async function markRead(chat: Chat, caller: Caller, request: Receipt, now: number, alone = true) {
  const { thread, seq } = request;
  const reading = { thread, entity: caller.actor.id, seq };
  const written = await chat.reads.add(reading, now, alone, (readings, at) => writeReadings(chat, readings, at));
  if (written.seq < 0) throw new Fault("thread_not_found");
  return { type: "receipt", thread, seq: written.seq, timestamp: new Date(written.at).toISOString() };
}

/** Writes how far users have read, in one script; returns the position of each after that, -1 for one who is not a member of the thread. */
async function writeReadings(chat: Chat, readings: readonly Reading[], now: number): Promise<number[]> {
  const threads = new Map<string, { reading: Reading; index: number }[]>();
  for (const [index, reading] of readings.entries()) {
    const known = threads.get(reading.thread);
    if (known === undefined) threads.set(reading.thread, [{ reading, index }]);
    else known.push({ reading, index });
  }
  const { keys } = chat;
  const scriptKeys: string[] = [];
  const args: (string | number)[] = [threads.size, now];
  for (const [id, readers] of threads) {
    scriptKeys.push(keys.thread(id), keys.members(id), keys.reads(id));
    args.push(id, readers.length);
    for (const { reading } of readers) {
      scriptKeys.push(keys.reads(ownLog(reading.entity)));
      args.push(encode(reading.entity), reading.seq, ...receiptAround(id, reading.entity, now));
    }
  }
  const seqs = await write(chat, READ, v.array(Count), now, scriptKeys, args);
  const order = [...threads.values()].flat();
  const byIndex = new Map(order.map(({ index }, i) => [index, seqs[i] ?? -1]));
  return readings.map((_, i) => byIndex.get(i) ?? -1);
}
