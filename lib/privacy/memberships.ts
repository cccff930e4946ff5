import * as v from "valibot";
import { change } from "../chat/thread-admin.js";
import { deleteThread } from "../chat/thread-deletion.js";
import type { Instance } from "../log/instance.js";
import { Memberships } from "../log/memberships.js";
import { write, writeScript } from "../log/write.js";
import type { ReachContext } from "../people/reach.js";
import { SYSTEM, SYSTEM_CALLER } from "../people/system.js";
import { decode } from "../store/keys.js";
import type { Person } from "./person.js";

// A call stays short: each thread is one script or two.
const THREADS_AT_ONCE = 20;

/** Reads some of the threads that a user is in. */
export async function someThreads({ keys, store }: Instance, { entity }: Person): Promise<string[]> {
  const [memberships] = await store.transact(v.tuple([Memberships]), (batch) => batch.hgetall(keys.threads(entity)));
  const joined = [...memberships].flatMap(([id, n]) => (n > 0 ? [id] : []));
  return joined.slice(0, THREADS_AT_ONCE);
}

/**
 * Ends a user's membership in a thread. Ownership of a room passes on as when a member is removed; a direct thread, which nobody else leaves, goes
 * on with those who remain, and is deleted after the last one.
 */
export async function endMembership(
  chat: Instance & ReachContext,
  person: Person,
  id: string,
  now: number,
): Promise<void> {
  const { keys, store } = chat;
  const [kind, members] = await store.transact(v.tuple([v.nullable(v.string()), v.array(v.string())]), (batch) => {
    batch.hget(keys.thread(id), "kind");
    batch.zrange(keys.members(id), 0, -1);
  });
  if (kind === "room") await change(chat, SYSTEM_CALLER, id, { remove: [person.entity] }, now);
  else if (kind === "direct" && members.every((who) => who === person.who))
    await deleteThread(chat, SYSTEM_CALLER, id, now);
  else if (kind === "direct") await leaveDirect(chat, person, id, members.map(decode), now);
  // What a stream that is behind would be told of the leaving, it is not told any more.
  await store.transact(v.tuple([v.unknown()]), (batch) => batch.hdel(keys.threads(person.entity), id));
}

// Removes a member from a direct thread. Its members are then others, so those who remain find it no longer by their names: who writes to all of
// them begins another. KEYS: clock, thread, events, tips, members, direct. ARGV: own: who (encoded), thread id, stanza. Returns: ok.
const LEAVE = writeScript(`
local thread, events, tips, members, direct = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local who, id, stanza = ARGV[5], ARGV[6], ARGV[7]
if redis.call('GET', direct) == id then redis.call('DEL', direct) end
if redis.call('ZREM', members, who) == 0 then return 'ok' end
local at = append(events, redis.call('HGET', thread, 'tip'), 'leave', '-', id, stanza)
redis.call('HDEL', thread, 'role:' .. who)
redis.call('HSET', thread, 'tip', at, 'cut', '1')
redis.call('ZADD', tips, at, id)
commit()
return 'ok'
`);

async function leaveDirect(chat: Instance, { entity, who }: Person, id: string, members: string[], now: number) {
  const { keys } = chat;
  const timestamp = new Date(now).toISOString();
  const thread = { id, by: SYSTEM, entity: SYSTEM, timestamp, action: "removed", entities: [entity] };
  await write(
    chat,
    LEAVE,
    v.literal("ok"),
    now,
    [keys.thread(id), keys.events(id), keys.tips(id), keys.members(id), keys.direct(members)],
    [who, id, JSON.stringify({ type: "thread", thread })],
  );
}
