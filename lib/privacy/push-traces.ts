import type { Log } from "../log/log.js";
import type { FoundKey } from "../store/keys.js";
import { Count } from "../store/replies.js";
import type { Person } from "./person.js";

// Takes out of the outbox of pushes what a person has read, and whom the person blocks or is blocked by. KEYS: outbox. ARGV: who (encoded). Returns: how many entries there were.
const FORGET_CLOSING = `
local outbox, who, gone = KEYS[1], ARGV[1], 0
for _, entry in ipairs(redis.call('XRANGE', outbox, '-', '+')) do
  local field, value = entry[2][3], ' ' .. entry[2][4] .. ' '
  if (field == 'r' or field == 'b') and string.find(value, ' ' .. who .. ' ', 1, true) then gone = gone + redis.call('XDEL', outbox, entry[1]) end
end
return gone
`;

/** Takes a person out of the pushes that are to be taken back. Those of the person's messages name nobody. */
export async function erasePushes({ store }: Log, { who }: Person, outboxes: readonly FoundKey[]): Promise<void> {
  for (const { key } of outboxes) await store.runScript(FORGET_CLOSING, Count, [key], [who]);
}

// Takes out of what is due later what is for a person. KEYS: due. ARGV: who (encoded). Returns: how many there were.
const FORGET_DUE = `
local due, who, gone = KEYS[1], ARGV[1], 0
for _, push in ipairs(redis.call('ZRANGE', due, '0', '-1')) do
  if string.match(push, '^%S+ %S+ (%S+)') == who then gone = gone + redis.call('ZREM', due, push) end
end
return gone
`;

/** Takes a person out of those for whom pushes are due later. */
export async function eraseDuePushes({ store }: Log, { who }: Person, lists: readonly FoundKey[]): Promise<void> {
  for (const { key } of lists) await store.runScript(FORGET_DUE, Count, [key], [who]);
}
