import * as v from "valibot";
import type { Event } from "../log/event.js";
import type { Member } from "../log/membership-cache.js";
import { Blocked } from "../log/memberships.js";
import * as log from "../log/write.js";
import type { Caller } from "../people/caller.js";
import type { Block } from "../schema/stanza.js";
import * as keys from "../store/keys.js";
import * as redis from "../store/redis.js";

// Blocks somebody, or lets them through again; tells only one's own streams. KEYS: clock, blocks, own events, own tips.
// ARGV: own: who (encoded), whom (encoded), "1" to let through, time, own log, stanza. Returns: 1.
const BLOCK = `
local changed
if ARGV[7] == '1' then changed = redis.call('HDEL', KEYS[2], ARGV[6])
else changed = redis.call('HSETNX', KEYS[2], ARGV[6], ARGV[8]) end
if changed == 0 then return 1 end
local at = append(KEYS[3], redis.call('ZSCORE', KEYS[4], ARGV[9]) or '0', 'own', ARGV[5], ARGV[9], ARGV[10])
redis.call('ZADD', KEYS[4], at, ARGV[9])
commit()
return 1
`;

/** Blocks somebody, or no longer does (XEP-0191). Who is blocked cannot tell. */
export async function block(caller: Caller, request: Block, now: number) {
  const { entity, remove } = request;
  const me = caller.actor.id;
  const timestamp = new Date(now).toISOString();
  const stanza = { type: "block", block: { entity, ...(remove ? { remove } : {}), timestamp } };
  const own = keys.ownLog(me);
  await log.write(
    BLOCK,
    v.number(),
    now,
    [keys.blocks(me), keys.events(own), keys.tips(own)],
    [keys.encode(me), keys.encode(entity), remove ? "1" : "0", timestamp, own, JSON.stringify(stanza)],
  );
  return { type: "block", entity, timestamp };
}

/** Lists whom somebody blocks. */
export async function blocks(caller: Caller): Promise<string[]> {
  const [blocked] = await redis.read(v.tuple([Blocked]), (reading) => reading.hgetall(keys.blocks(caller.actor.id)));
  return [...blocked.keys()].map(keys.decode);
}

const Message = v.object({
  type: v.literal("message"),
  message: v.object({ id: v.string(), thread: v.string(), seq: v.number(), timestamp: v.string() }),
});
const AnyStanza = v.pipe(v.string(), v.parseJson(), v.looseObject({ type: v.string() }));

/**
 * Puts a veil over what somebody says in a direct thread whom its reader blocks: of a message only that there is one, so that
 * `seq` stays dense; of the rest nothing, which is undefined.
 */
export function veil(member: Pick<Member, "blocked">, event: Event): Event | undefined {
  const since = event.kind === "direct" ? member.blocked.get(event.by) : undefined;
  if (since === undefined) return event;
  const stanza = v.parse(AnyStanza, event.body);
  if (stanza.type !== "message") return undefined;
  const { message } = v.parse(Message, stanza);
  if (message.timestamp < since) return event;
  const { id, thread, seq } = message;
  return { ...event, body: JSON.stringify({ type: "message", message: { id, thread, seq, blocked: true } }) };
}

const Archived = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    id: v.string(),
    thread: v.string(),
    seq: v.number(),
    timestamp: v.string(),
    sender: v.exactOptional(v.object({ id: v.string() })),
  }),
);

/** Puts the veil over a message of the archive, as JSON. */
export function veilMessage(blocked: Blocked, message: string): string {
  if (blocked.size === 0) return message;
  const { id, thread, seq, timestamp, sender } = v.parse(Archived, message);
  const since = sender && blocked.get(keys.encode(sender.id));
  return since === undefined || timestamp < since ? message : JSON.stringify({ id, thread, seq, blocked: true });
}
