import * as v from "valibot";
import type { Log } from "../log/log.js";
import { decode } from "../store/keys.js";

/** Messages that were retracted, of which one may be shown in a notification. */
export type Retracted = { thread: string; seqs: readonly number[] };

// Finds the members for whom one of some messages was the last of a thread that rang. KEYS: thread, members, users with devices. ARGV: their seqs.
// Returns: who (encoded), seq …
const SHOWN = `
local thread, members, users = KEYS[1], KEYS[2], KEYS[3]
local shown, gone = {}, {}
for _, seq in ipairs(ARGV) do gone[seq] = true end
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

// Forgets what rang, unless something newer has meanwhile: it is taken back once. KEYS: thread. ARGV: who (encoded), seq.
const FORGET = `
if redis.call('HGET', KEYS[1], 'pushed:' .. ARGV[1]) == ARGV[2] then redis.call('HDEL', KEYS[1], 'pushed:' .. ARGV[1]) end
return 0
`;

/** Notes that the notifications of retracted messages were taken back. */
export async function forgetShown({ keys, store }: Log, all: Awaited<ReturnType<typeof shownTo>>): Promise<void> {
  const forget = ({ thread, who, seq }: (typeof all)[number]) =>
    store.runScript(FORGET, v.literal(0), [keys.thread(thread)], [who, seq]);
  await Promise.all(all.map(forget));
}
