import * as v from "valibot";
import type { Log } from "../log/log.js";
import { CUT_LOG } from "../log/log-cut.js";
import { write, writeScript } from "../log/write.js";
import type { FoundKey } from "../store/keys.js";
import { Count } from "../store/replies.js";
import type { Person } from "./person.js";
import { eachPart } from "./store-walk.js";

// Each log has about 256 events of up to 16 KiB.
const LOGS_AT_ONCE = 8;

// Finds the threads in which something of a person was erased, or whose logs name the person. KEYS: thread and events of each.
// ARGV: who (encoded), and quoted as in JSON. Returns: "1" for each that was found, else "0".
const FIND = `
local who, quoted = ARGV[1], ARGV[2]
local found = {}
for k = 1, #KEYS, 2 do
  local is = redis.call('HEXISTS', KEYS[k], 'cut') == 1
  for _, entry in ipairs(is and {} or redis.call('XRANGE', KEYS[k + 1], '-', '+')) do
    for _, text in ipairs(entry[2]) do is = is or text == who or string.find(text, quoted, 1, true) end
    if is then break end
  end
  found[#found + 1] = is and 1 or 0
end
return found
`;

// Cuts the delivery log of a thread. KEYS: clock, thread, events, tips. ARGV: own: thread id. Returns: ok.
const CUT = writeScript(`
${CUT_LOG}
local thread, events, tips, id = KEYS[2], KEYS[3], KEYS[4], ARGV[5]
if redis.call('EXISTS', thread) == 0 then
  redis.call('DEL', events)
  return 'ok'
end
cutLog(thread, events, tips, id)
redis.call('HDEL', thread, 'cut')
commit()
return 'ok'
`);

/** Cuts the delivery logs of those threads in which something of a person was erased. */
export async function cutLogs(
  log: Log,
  { who, quoted }: Person,
  threads: readonly FoundKey[],
  now: number,
): Promise<void> {
  const { keys, store } = log;
  await eachPart(threads, LOGS_AT_ONCE, async (some) => {
    const pairs = some.flatMap(({ of }) => [keys.thread(of), keys.events(of)]);
    const found = await store.runScript(FIND, v.array(Count), pairs, [who, quoted]);
    for (const { of } of some.filter((_, i) => found[i] === 1))
      await write(log, CUT, v.literal("ok"), now, [keys.thread(of), keys.events(of), keys.tips(of)], [of]);
  });
}
