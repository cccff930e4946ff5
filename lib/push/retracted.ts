import * as v from "valibot";
import type { Log } from "../log/log.js";
import { decode } from "../store/keys.js";

/** Messages that were retracted, of which one may be shown in a notification. */
export type Retracted = { thread: string; seqs: readonly number[] };

// Finds the members for whom one of some messages was the last of a thread that rang. What is newer than all that rang was silent: for that nobody is
// looked at, of whom there may be thousands. KEYS: thread, members, users with devices. ARGV: their seqs. Returns: who (encoded), seq …
const SHOWN = `
local thread, members, users = KEYS[1], KEYS[2], KEYS[3]
local shown, gone = {}, {}
local newest = tonumber(redis.call('HGET', thread, 'rung') or 0)
for _, seq in ipairs(ARGV) do if tonumber(seq) <= newest then gone[seq] = true end end
if not next(gone) then return shown end
for from = 0, redis.call('ZCARD', members) - 1, 1000 do
  local some, who, fields = redis.call('ZRANGE', members, from, from + 999), {}, {}
  local scores = redis.call('ZMSCORE', users, unpack(some))
  for i, score in ipairs(scores) do
    if score then
      who[#who + 1] = some[i]
      fields[#fields + 1] = 'pushed:' .. some[i]
    end
  end
  if #who > 0 then
    for i, rung in ipairs(redis.call('HMGET', thread, unpack(fields))) do
      if rung and gone[rung] then shown[#shown + 1], shown[#shown + 2] = who[i], rung end
    end
  end
end
return shown
`;

/** Finds for whom a notification shows a message that was retracted. */
export async function shownTo({ keys, store }: Log, all: readonly Retracted[]) {
  const found = await Promise.all(
    all.map(async ({ thread, seqs }) => {
      const read = [keys.thread(thread), keys.members(thread), keys.pushUsers];
      const flat = await store.runScript(SHOWN, v.array(v.string()), read, seqs);
      const shown = flat.filter((_, i) => i % 2 === 0);
      return shown.map((who, i) => ({ thread, seq: Number(flat[2 * i + 1]), who, entity: decode(who) }));
    }),
  );
  return found.flat();
}

// Forgets what rang, unless something newer has meanwhile: it is taken back once. KEYS: thread. ARGV: who (encoded), seq …
const FORGET = `
local thread, fields, gone = KEYS[1], {}, {}
for i = 1, #ARGV, 2 do fields[#fields + 1] = 'pushed:' .. ARGV[i] end
for i, rung in ipairs(redis.call('HMGET', thread, unpack(fields))) do
  if rung == ARGV[2 * i] then gone[#gone + 1] = fields[i] end
end
if #gone > 0 then redis.call('HDEL', thread, unpack(gone)) end
return 0
`;

// As many as a script can hand on to one command, and far more than most rooms have.
const AT_ONCE = 1_000;

/** Notes that the notifications of retracted messages were taken back: of each thread by one script for a thousand members. */
export async function forgetShown({ keys, store }: Log, all: Awaited<ReturnType<typeof shownTo>>): Promise<void> {
  for (const thread of new Set(all.map((it) => it.thread))) {
    const shown = all.filter((it) => it.thread === thread);
    for (let at = 0; at < shown.length; at += AT_ONCE) {
      const some = shown.slice(at, at + AT_ONCE).flatMap(({ who, seq }) => [who, seq]);
      await store.runScript(FORGET, v.literal(0), [keys.thread(thread)], some);
    }
  }
}
