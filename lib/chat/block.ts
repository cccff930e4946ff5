import * as v from "valibot";
import type { Event } from "../log/event.js";
import type { Instance } from "../log/instance.js";
import type { Member } from "../log/membership-cache.js";
import { Blocked } from "../log/memberships.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import type { Block } from "../schema/stanza.js";
import { decode, encode, ownLog } from "../store/keys.js";

// Blocks or unblocks a user; the event goes to the caller's own streams only. KEYS: clock, blocks, own events, own tips.
// ARGV: own: who (encoded), whom (encoded), "1" to unblock, time, own log, stanza. Returns: 1.
const BLOCK = writeScript(`
local blocks, events, tips = KEYS[2], KEYS[3], KEYS[4]
local who, whom, unblock, since, own, stanza = ARGV[5], ARGV[6], ARGV[7] == '1', ARGV[8], ARGV[9], ARGV[10]
local changed
if unblock then changed = redis.call('HDEL', blocks, whom)
else changed = redis.call('HSETNX', blocks, whom, since) end
if changed == 0 then return 1 end
appendOwn(events, tips, own, who, stanza)
commit()
return 1
`);

/** Blocks or unblocks a user (XEP-0191). A blocked user cannot find out. */
export async function block(chat: Instance, caller: Caller, request: Block, now: number) {
  const { entity, remove } = request;
  const me = caller.actor.id;
  const timestamp = new Date(now).toISOString();
  const stanza = { type: "block", block: { entity, ...(remove ? { remove } : {}), timestamp } };
  const own = ownLog(me);
  await write(
    chat,
    BLOCK,
    v.number(),
    now,
    [chat.keys.blocks(me), chat.keys.events(own), chat.keys.tips(own)],
    [encode(me), encode(entity), remove ? "1" : "0", timestamp, own, JSON.stringify(stanza)],
  );
  return { type: "block", entity, timestamp };
}

/** Lists the users whom the caller blocks. */
export async function blocks(chat: Instance, caller: Caller): Promise<string[]> {
  const [blocked] = await chat.store.transact(v.tuple([Blocked]), (batch) =>
    batch.hgetall(chat.keys.blocks(caller.actor.id)),
  );
  return [...blocked.keys()].map(decode);
}

const Message = v.object({
  type: v.literal("message"),
  message: v.object({ id: v.string(), thread: v.string(), seq: v.number(), timestamp: v.string() }),
});
const AnyStanza = v.pipe(v.string(), v.parseJson(), v.looseObject({ type: v.string() }));

/**
 * Redacts what a blocked user does in a direct thread. Of a message, only its existence is left, so that `seq` stays dense; any other
 * event is dropped, which is undefined.
 */
export function redactEvent(member: Pick<Member, "blocked">, event: Event): Event | undefined {
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

/** Redacts a message of the archive, in JSON, if its sender is blocked. */
export function redactMessage(blocked: Blocked, message: string): string {
  if (blocked.size === 0) return message;
  const { id, thread, seq, timestamp, sender } = v.parse(Archived, message);
  const since = sender && blocked.get(encode(sender.id));
  return since === undefined || timestamp < since ? message : JSON.stringify({ id, thread, seq, blocked: true });
}
