import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Log } from "../log/log.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import type { Presence } from "../schema/stanza.js";
import { encode } from "../store/keys.js";
import { deviceOf, prevailing, silence, speak } from "./device.js";
import { type Lapse, member, OVER_MAX, renew, touch } from "./lease.js";
import { type Record, RecordJson, reach, seen } from "./roster.js";

/** Makes somebody available who comes to listen, and tells their contacts if they were not. Appearing offline goes on. */
export async function arrive(chat: Log, { actor }: Caller, now: number): Promise<void> {
  const known = await touch(chat, actor.id, now, []);
  await amend(chat, actor.id, known, now, (before) => before ?? { actor, available: true, words: [] });
}

/** Makes those of some people available again, and tells it, who were swept although they are here. */
export async function announce(chat: Log, callers: readonly Caller[], now: number): Promise<void> {
  const Known = v.tuple([v.array(v.nullable(v.string()))]);
  const [first = "", ...rest] = callers.map((caller) => encode(caller.actor.id));
  const [known] = await chat.store.transact(Known, (batch) => batch.hmget(chat.keys.presence, first, ...rest));
  for (const [i, { actor }] of callers.entries()) {
    const fresh = { actor, available: true, words: [] };
    if (known[i] === null) await amend(chat, actor.id, null, now, (before) => before ?? fresh);
  }
}

/** Says one's presence on one device, in place of what that said before. What can be seen is told, unless it is the same. */
export async function say(chat: Log, caller: Caller, presence: Presence, now: number) {
  const { actor, expires } = caller;
  const { available, ...said } = presence;
  const word = { device: deviceOf(caller), until: expires, ...said };
  const known = await touch(chat, actor.id, now, available ? [word] : []);
  await amend(chat, actor.id, known, now, (before) => {
    const words = before?.words ?? [];
    return { actor, available, words: available ? speak(words, word, now) : silence(words, [word.device], now) };
  });
  return { type: "presence", timestamp: new Date(now).toISOString() };
}

/** Forgets what devices of somebody said, whose credentials are no more. */
export async function hush(chat: Log, entity: string, devices: readonly string[], now: number): Promise<void> {
  await amend(chat, entity, await look(chat, entity), now, (before) => {
    return before && { ...before, words: silence(before.words, devices, now) };
  });
}

// When an instance dies, hundreds go at once. One after another the last of them would be told too late; all at once,
// what people do meanwhile would wait.
const AT_ONCE = 10;

/** Sweeps what was found to have run out by `now`, and whatever else has: one look names only the first. */
export async function sweepAll(chat: Log, found: readonly Lapse[], now: number): Promise<void> {
  for (let over = found; over.length > 0; ) {
    let done = 0;
    // People first: what the devices of one who has gone said is no news any more.
    const lapses = over.toSorted((a, b) => Number(a.device !== undefined) - Number(b.device !== undefined));
    for (let at = 0; at < lapses.length; at += AT_ONCE) {
      const swept = await Promise.allSettled(lapses.slice(at, at + AT_ONCE).map((lapse) => sweep(chat, lapse, now)));
      done += swept.filter(({ status }) => status === "fulfilled").length;
    }
    over = done > 0 && over.length >= OVER_MAX ? (await renew(chat, [], now)).over : [];
  }
}

/** Makes somebody unavailable whose lease has run out, or forgets what one of their devices said. Who appears offline still does. */
export async function sweep(chat: Log, lapse: Lapse, now: number): Promise<void> {
  const { entity, device } = lapse;
  const over = (before: Record | undefined) => {
    if (device === undefined) return before?.available ? undefined : before;
    return before && { ...before, words: silence(before.words, [], now) };
  };
  await amend(chat, entity, await look(chat, entity), now, over, member(lapse));
}

async function look(chat: Log, entity: string): Promise<string | null> {
  const [known] = await chat.store.transact(v.tuple([v.nullable(v.string())]), (batch) => {
    batch.hget(chat.keys.presence, encode(entity));
  });
  return known;
}

// Changes a presence record, if it still is what it was taken for, and publishes what can be seen. A lapse must still have run out.
// KEYS: clock, online, presence. ARGV: own: who (encoded), the record before and after (each '' for none), the threads that are told,
// stanza ('' for none), the lapse ('' for none). Returns: {ok} or {changed, the record, '' for none}.
const AMEND = writeScript(`
local online, presence = KEYS[2], KEYS[3]
local who, before, after, threads, stanza, lapse = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]
if lapse ~= '' then
  local ends = redis.call('ZSCORE', online, lapse)
  if not ends or tonumber(ends) > now then return {'ok'} end
end
local known = redis.call('HGET', presence, who) or ''
if known ~= before then
  if known == after then return {'ok'} end
  return {'changed', known}
end
if lapse ~= '' then redis.call('ZREM', online, lapse) end
if after == '' then redis.call('HDEL', presence, who)
elseif after ~= known then redis.call('HSET', presence, who, after) end
if threads ~= '' then
  pass('presence', who, threads, stanza)
  commit()
end
return {'ok'}
`);

const Amended = v.union([v.tuple([v.literal("ok")]), v.tuple([v.literal("changed"), v.string()])]);

// Of several devices that speak at once one is first each time.
const TRIES = 10;

type State = Pick<Record, "actor" | "available" | "words">;

/** Changes what is known of somebody, from what it is by then, and tells what can be seen of it. */
async function amend(
  chat: Log,
  entity: string,
  known: string | null,
  now: number,
  change: (before: Record | undefined) => State | undefined,
  over = "",
): Promise<void> {
  const by = encode(entity);
  let was = known ?? "";
  for (let tries = 0; tries < TRIES; tries++) {
    const before = was === "" ? undefined : v.parse(RecordJson, was);
    const { text, told } = turn(before, change(before), now);
    if (text === was && over === "") return;
    const threads = told === "" ? "" : (await reach(chat, entity)).join(",");
    const args = [by, was, text, threads, told, over];
    const [outcome, is] = await write(chat, AMEND, Amended, now, [chat.keys.online, chat.keys.presence], args);
    if (outcome === "ok") return;
    was = is;
  }
  throw new Fault("unavailable", { retryAfter: 1 });
}

/** Writes what is kept from now on, and the stanza that tells it: none where the same is seen as before. */
function turn(before: Record | undefined, after: State | undefined, now: number): { text: string; told: string } {
  const since = new Date(now).toISOString();
  if (after === undefined) {
    return { text: "", told: before === undefined ? "" : stanza({ ...before, available: false, since }) };
  }
  const said = after.available ? prevailing(after.words, now) : {};
  const { actor, available, words } = after;
  const same = before?.available === available && before.show === said.show && before.status === said.status;
  const record = { actor, available, ...said, since: same ? before.since : since, words };
  return { text: JSON.stringify(record), told: same ? "" : stanza(record) };
}

function stanza(record: Record): string {
  return JSON.stringify({ type: "presence", presence: [seen(record)] });
}
