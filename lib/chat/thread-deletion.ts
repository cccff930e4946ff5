import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import type { ReachContext } from "../people/reach.js";
import { decode, encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import { PART } from "./archive.js";
import { APPEND_NAMES } from "./entity-chunks.js";
import { discardFiles } from "./file-record.js";
import { change } from "./thread-admin.js";

// One script names as many members; those of a larger room are removed before, some at a time.
const MEMBERS_AT_ONCE = 1_000;
// How often a thread is read again that another request changed in between.
const ATTEMPTS = 10;

/**
 * Deletes a thread with all that belongs to it: messages, members, bans, invites. The streams of its members say that they were removed. A
 * thread that does not exist is none afterwards either. Interrupted, it can be called again. Throws `unavailable`.
 */
export async function deleteThread(
  chat: Instance & ReachContext,
  caller: Caller,
  id: string,
  now: number,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; ) {
    const found = await read(chat, id);
    if (found.kind === null) return;
    if (found.members.length > MEMBERS_AT_ONCE) {
      await change(chat, caller, id, { remove: found.members.slice(0, MEMBERS_AT_ONCE).map(decode) }, now);
      continue;
    }
    // Nobody may read them once they are given up, so that an interruption does no harm: the deletion is asked for again.
    await discardFiles(chat, id, "", found.files);
    if ((await remove(chat, caller, id, found, now)) === "ok") return;
    attempt += 1;
  }
  throw new Fault("unavailable", { detail: "The thread is being changed by too many requests at once", retryAfter: 1 });
}

const Found = v.tuple([
  v.tuple([v.nullable(v.string()), v.nullable(Count), v.nullable(Count)]),
  v.array(v.string()),
  v.array(v.string()),
  v.array(v.string()),
]);

/** Reads which keys a thread has. `members` are encoded, `invites` are their ids. */
async function read(chat: Instance, id: string) {
  const { keys, store } = chat;
  const [[kind, first, seq], members, invites, files] = await store.transact(Found, (batch) => {
    batch.hmget(keys.thread(id), "kind", "first", "seq");
    batch.zrange(keys.members(id), 0, -1);
    batch.hkeys(keys.invites(id));
    batch.smembers(keys.threadFiles(id));
  });
  const [oldest = 0, newest = 0] = [first ?? 1, seq ?? 0].map((it) => Math.floor((it - 1) / PART));
  const parts = Array.from({ length: newest - oldest + 1 }, (_, i) => keys.messages(id, oldest + i));
  return { kind, newest, parts, members, invites, files };
}

// Deletes a thread, unless it has other members or another part of the archive than were read, and tells its members, whose notifications of it are taken back. Its delivery log goes,
// too: what a stream that is behind must say of a thread that was left is known without it.
// KEYS: clock, thread, events, tips, members, direct (a room: thread), invites, then each member's threads, then all other keys of the thread.
// ARGV: own: who (encoded), thread id, newest part of the archive, stanza before the action ("{...,"), number of members, then each member,
// encoded and as JSON. Returns: ok or changed.
const DELETE = writeScript(`
local thread, events, tips, memberSet, direct, invites = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7]
local by, id, part, opening, count = ARGV[5], ARGV[6], tonumber(ARGV[7]), ARGV[8], tonumber(ARGV[9])
local it = redis.call('HMGET', thread, 'kind', 'seq')
if not it[1] then return 'ok' end
if redis.call('ZCARD', memberSet) ~= count or math.floor((tonumber(it[2] or 0) - 1) / ${PART}) ~= part then return 'changed' end
local going = {}
for i = 1, count do
  local one = {who = ARGV[8 + 2 * i], json = ARGV[9 + 2 * i], threads = KEYS[7 + i]}
  if not redis.call('ZSCORE', memberSet, one.who) then return 'changed' end
  going[i] = one
end
local tip
local function appendStanza(kind, action, rest)
  tip = text(pass(kind, by, id, opening .. '"action":"' .. action .. '"' .. rest .. '}}'))
end
${APPEND_NAMES}
appendNames('leave', 'removed', going)
for _, one in ipairs(going) do
  takeBack(thread, id, one.who)
  if tonumber(redis.call('HGET', one.threads, id) or 0) > 0 then redis.call('HSET', one.threads, id, '-' .. one.at) end
end
if it[1] == 'direct' and redis.call('GET', direct) == id then redis.call('DEL', direct) end
redis.call('ZREM', tips, id)
redis.call('DEL', thread, events, memberSet, invites)
redis.call('DEL', unpack(KEYS, 8 + count))
if #lines > 0 then commit() end
return 'ok'
`);

async function remove(
  chat: Instance,
  caller: Caller,
  id: string,
  { newest, parts, members, invites }: Awaited<ReturnType<typeof read>>,
  now: number,
): Promise<"ok" | "changed"> {
  const { keys } = chat;
  const entities = members.map(decode);
  const by = caller.actor.id;
  const stanza = { id, by, entity: by, timestamp: new Date(now).toISOString() };
  return write(
    chat,
    DELETE,
    v.picklist(["ok", "changed"]),
    now,
    [
      ...[keys.thread(id), keys.events(id), keys.tips(id), keys.members(id), keys.direct(entities), keys.invites(id)],
      ...entities.map(keys.threads),
      ...[keys.reactions(id), keys.reads(id), keys.threadFiles(id), ...parts, ...invites.map(keys.invite)],
      ...members.map((who) => keys.sent(id, who)),
    ],
    [
      ...[encode(by), id, newest, `{"type":"thread","thread":${JSON.stringify(stanza).slice(0, -1)},`, members.length],
      ...entities.flatMap((entity) => [encode(entity), JSON.stringify(entity)]),
    ],
  );
}
