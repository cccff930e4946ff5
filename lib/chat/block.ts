import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Event } from "../log/event.js";
import type { Instance } from "../log/instance.js";
import type { Member } from "../log/membership-cache.js";
import { Blocked } from "../log/memberships.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import { Entity } from "../schema/actor.js";
import { countFitting } from "../schema/answer-size.js";
import type { Block } from "../schema/stanza.js";
import { decode, encode, ownLog } from "../store/keys.js";
import { checkOutcome } from "./outcome.js";

/** The users whom a user can block: the list is read together with the memberships. */
const BLOCKS_MAX = 1_000;

// Blocks or unblocks a user; the event goes to the caller's own streams only. Who has devices may have one that shows a message of the blocked one.
// KEYS: clock, blocks, own events, own tips, users with devices.
// ARGV: own: who (encoded), whom (encoded), "1" to unblock, time, own log, stanza.
// Returns: {ok} or {many}.
const BLOCK = writeScript(`
local blocks, events, tips, users = KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local who, whom, unblock, since, own, stanza = ARGV[5], ARGV[6], ARGV[7] == '1', ARGV[8], ARGV[9], ARGV[10]
local changed
if unblock then changed = redis.call('HDEL', blocks, whom)
elseif redis.call('HEXISTS', blocks, whom) == 1 then changed = 0
elseif redis.call('HLEN', blocks) >= ${BLOCKS_MAX} then return {'many'}
else changed = redis.call('HSET', blocks, whom, since) end
if changed == 0 then return {'ok'} end
if pushes and not unblock and redis.call('ZSCORE', users, who) then ring('-', 'b', who .. ' ' .. whom) end
appendOwn(events, tips, own, who, stanza)
commit()
return {'ok'}
`);

/** Blocks or unblocks a user (XEP-0191). A blocked user cannot find out. Throws `forbidden` for oneself, and for more than 1,000. */
export async function block(chat: Instance, caller: Caller, request: Block, now: number) {
  const { entity, remove } = request;
  const me = caller.actor.id;
  if (entity === me && !remove) throw new Fault("forbidden", { detail: "entity must be another user than yourself" });
  const timestamp = new Date(now).toISOString();
  const stanza = { type: "block", block: { entity, ...(remove ? { remove } : {}), timestamp } };
  const own = ownLog(me);
  const [outcome] = await write(
    chat,
    BLOCK,
    v.tuple([v.picklist(["ok", "many"])]),
    now,
    [chat.keys.blocks(me), chat.keys.events(own), chat.keys.tips(own), chat.keys.pushUsers],
    [encode(me), encode(entity), remove ? "1" : "0", timestamp, own, JSON.stringify(stanza)],
  );
  checkOutcome(outcome, { many: `A user blocks at most ${BLOCKS_MAX} others` });
  return { type: "block", entity, timestamp };
}

/** A page of the users whom the caller blocks: those after this one in the list. */
export const BlocksQuery = v.object({ after: v.exactOptional(Entity) });

/** Lists the users whom the caller blocks, ordered by entity, up to 1 MiB. */
export async function blocks(
  chat: Instance,
  caller: Caller,
  { after = "" }: v.InferOutput<typeof BlocksQuery> = {},
): Promise<{ blocks: string[]; more?: true }> {
  const [blocked] = await chat.store.transact(v.tuple([Blocked]), (batch) =>
    batch.hgetall(chat.keys.blocks(caller.actor.id)),
  );
  const all = [...blocked.keys()].map(decode).filter((entity) => entity > after);
  all.sort((a, b) => Number(a > b) - Number(a < b));
  const page = all.slice(0, countFitting(all.map((entity) => JSON.stringify(entity))));
  return { blocks: page, ...(page.length < all.length ? { more: true } : {}) };
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
