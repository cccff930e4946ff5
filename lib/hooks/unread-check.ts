import * as v from "valibot";
import type { Log } from "../log/log.js";
import { decode } from "../store/keys.js";
import { Count } from "../store/replies.js";

// In larger rooms nobody waits for one reader, and each look would read all of them.
const MEMBERS_MAX = 100;
const DUE_MAX = 50;

/**
 * Looks at the messages that are due to have been read: of each thread at the newest one. Puts an event into the outbox that names the members who
 * have not read it and are not connected, once until they have read what they were told of. Returns when the next look is due, in ms.
 */
export async function checkUnread(log: Log, now: number): Promise<number | undefined> {
  const { keys, store } = log;
  const [due, first] = await store.transact(v.tuple([v.array(v.string()), v.array(v.string())]), (batch) => {
    batch.zrange(keys.outboxUnread, "-inf", now, { byScore: true, offset: 0, count: DUE_MAX });
    batch.zrange(keys.outboxUnread, `(${now}`, "+inf", { byScore: true, offset: 0, count: 1, withScores: true });
  });
  const newest = new Map<string, number>();
  for (const message of due) {
    const [thread = "", seq = ""] = message.split(" ");
    newest.set(thread, Math.max(newest.get(thread) ?? 0, Number(seq)));
  }
  for (const [thread, seq] of newest) {
    const of = due.filter((message) => message.startsWith(`${thread} `));
    await checkThread(log, thread, seq, of, now);
  }
  if (due.length === DUE_MAX) return now;
  return first[1] === undefined ? undefined : Number(first[1]);
}

// Tells of one message who has not read it. KEYS: unread, outbox, thread, online, then of a direct thread the blocks of each member.
// ARGV: thread id, seq, time in ms, number of members, the members (encoded), then the messages that were due.
const TELL = `
local unread, outbox, thread, online = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, seq, now, count = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local fields, members, due = {'retracted'}, {}, {}
for i = 5, 4 + count do
  local who = ARGV[i]
  members[#members + 1] = who
  for _, field in ipairs({'read:', 'muted:', 'told:'}) do fields[#fields + 1] = field .. who end
end
for i = 5 + count, #ARGV do due[#due + 1] = ARGV[i] end
if redis.call('ZREM', unread, unpack(due)) == 0 or count == 0 then return 0 end
local it = redis.call('HMGET', thread, unpack(fields))
if string.find(' ' .. (it[1] or ''), ' ' .. ARGV[2] .. ' ', 1, true) then return 0 end
local leases = redis.call('ZMSCORE', online, unpack(members))
local away, told = {}, {}
for i, who in ipairs(members) do
  local read, muted, before = tonumber(it[3 * i - 1] or seq), it[3 * i], tonumber(it[3 * i + 1] or 0)
  local blocks = KEYS[4 + i]
  local hears = not blocks
  for _, other in ipairs(blocks and members or {}) do
    hears = hears or (other ~= who and redis.call('HEXISTS', blocks, other) == 0)
  end
  if read < seq and read >= before and not muted and tonumber(leases[i] or 0) < now and hears then
    away[#away + 1] = who
    told[#told + 1] = 'told:' .. who
    told[#told + 1] = seq
  end
end
if #away == 0 then return 0 end
redis.call('HSET', thread, unpack(told))
redis.call('XADD', outbox, '*', 'i', 'unread-' .. id .. '-' .. ARGV[2], 't', id,
  'e', '{"type":"unread","unread":{"seq":' .. ARGV[2] .. ',"who":"' .. table.concat(away, ' ') .. '"}}')
return #away
`;

async function checkThread(log: Log, thread: string, seq: number, due: readonly string[], now: number): Promise<void> {
  const { keys, store } = log;
  const [kind, all] = await store.transact(v.tuple([v.nullable(v.string()), v.array(v.string())]), (batch) => {
    batch.hget(keys.thread(thread), "kind");
    batch.zrange(keys.members(thread), 0, MEMBERS_MAX);
  });
  const members = all.length > MEMBERS_MAX ? [] : all;
  const blocks = kind === "direct" ? members.map((who) => keys.blocks(decode(who))) : [];
  await store.runScript(
    TELL,
    Count,
    [keys.outboxUnread, keys.outbox, keys.thread(thread), keys.online, ...blocks],
    [thread, seq, now, members.length, ...members, ...due],
  );
}
