import { v4 as uuid } from "uuid";
import * as v from "valibot";
import { config } from "../config.js";
import { Fault } from "../fault.js";
import * as log from "../log/write.js";
import { type Caller, checkContacts } from "../people/caller.js";
import type { NewThread } from "../schema/stanza.js";
import * as keys from "../store/keys.js";
import * as redis from "../store/redis.js";

/** The first message of a thread, written together with it: its id, its JSON before and after the seq, and what to remember after that. */
export type First = { id: string; head: string; tail: string; stamp: string };

/** Finds the direct thread of the caller and others, or makes it, with a first message if there is one. Throws `not_a_contact`. */
export async function direct(
  caller: Caller,
  others: readonly string[],
  now: number,
  compose?: (id: string) => First,
  subject?: string,
): Promise<{ id: string; made: boolean }> {
  const members = [...new Set([caller.actor.id, ...others])];
  checkContacts(caller, members);
  const key = keys.direct(members);
  // A message that finds the thread gone says so, and is sent again; nothing else does, so it asks the store.
  const known = (compose && directs.get(key)) ?? (await lookUp(key));
  if (known !== undefined) return { id: remember(key, known), made: false };
  const opened = await open(caller, { kind: "direct", members, subject }, uuid(), now, compose);
  return { id: remember(key, opened.id), made: opened.tag === "made" };
}

/** Makes a room, its maker the owner, with a first message if there is one. Throws `thread_conflict` for an id that is taken, `not_a_contact`, `too_large`. */
export async function room(
  caller: Caller,
  request: Omit<NewThread, "kind">,
  now: number,
  compose?: (id: string) => First,
): Promise<string> {
  const members = [...new Set([caller.actor.id, ...request.members])];
  checkContacts(caller, members);
  if (members.length > config.roomMax)
    throw new Fault("too_large", { detail: `A room has at most ${config.roomMax} members` });
  const { id = uuid(), subject } = request;
  const opened = await open(caller, { kind: "room", members, subject }, id, now, compose);
  if (opened.tag !== "made") throw new Fault("thread_conflict");
  return opened.id;
}

/** Finds or makes the thread that a request describes. Throws as `direct` and `room` do. */
export async function make(caller: Caller, request: NewThread, now: number): Promise<{ id: string; made: boolean }> {
  return request.kind === "direct"
    ? direct(caller, request.members, now, undefined, request.subject)
    : { id: await room(caller, request, now), made: true };
}

/** Forgets which thread is whose direct one; for when it turns out to be gone. */
export function forgetDirect(): void {
  directs.clear();
}

// Makes a thread, unless its id is taken or, for a direct one, its members have one; with a first message, if there is one.
// A second attempt finds what the first one made.
// KEYS: clock, thread, events, tips, members, direct (a room: thread), messages part 0, then each member's threads, then each member's blocks.
// ARGV: own: kind, id, who (encoded), time, subject or '', stanza, message id or '', message before and after its seq,
// what to remember of it after the seq, then each member (encoded).
// Returns: {made, id}, {found, id} or {taken, id}.
// Who was added stands half a message further than they have read, until they send, read, or join by themselves: so it is known
// that they have not shown themselves yet.
const OPEN = `
local kind, id, by, message = ARGV[5], ARGV[6], ARGV[7], ARGV[11]
if redis.call('HGET', KEYS[2], 'born') == ARGV[3] then return {'made', id} end
if kind == 'direct' then
  local found = redis.call('GET', KEYS[6])
  if found then return {'found', found} end
end
if redis.call('EXISTS', KEYS[2]) == 1 then return {'taken', id} end
local at = append(KEYS[3], '0', 'join', by, id, ARGV[10])
redis.call('HSET', KEYS[2], 'kind', kind, 'created', ARGV[8], 'updated', ARGV[8], 'born', ARGV[3])
if ARGV[9] ~= '' then redis.call('HSET', KEYS[2], 'subject', ARGV[9]) end
if kind == 'room' then redis.call('HSET', KEYS[2], 'owners', '1') else redis.call('SET', KEYS[6], id) end
local members = {}
for i = 15, #ARGV do members[i - 14] = ARGV[i] end
batch('HSET', KEYS[2], members, function(who)
  local role = kind == 'room' and who == by and 'owner' or 'member'
  return 'role:' .. who, role, 'read:' .. who, who == by and '0' or '0.5'
end)
batch('ZADD', KEYS[5], members, function(who, i) return string.format('%.4f', at + (i - 1) / 4096), who end)
for i = 1, #members do
  local blocked = kind == 'room' and redis.call('HEXISTS', KEYS[#members + i + 7], by) == 1
  redis.call('HSET', KEYS[i + 7], id, blocked and '0' or at)
end
if message ~= '' then
  local first = ARGV[12] .. '1' .. ARGV[13]
  at = append(KEYS[3], at, kind == 'direct' and 'direct' or 'post', by, id, '{"type":"message","message":' .. first .. '}')
  redis.call('HSET', KEYS[2], 'read:' .. by, '1', 'id:' .. message, '1 ' .. ARGV[14])
  redis.call('RPUSH', KEYS[7], first)
end
redis.call('HSET', KEYS[2], 'seq', message == '' and '0' or '1', 'tip', at)
redis.call('ZADD', KEYS[4], at, id)
commit()
return {'made', id}
`;

const Opened = v.pipe(
  v.tuple([v.picklist(["made", "found", "taken"]), v.string()]),
  v.transform(([tag, id]) => ({ tag, id })),
);

function open(
  caller: Caller,
  plan: { kind: "direct" | "room"; members: string[]; subject: string | undefined },
  id: string,
  now: number,
  compose: ((id: string) => First) | undefined,
) {
  const { kind, members, subject } = plan;
  const first = compose?.(id) ?? { id: "", head: "", tail: "", stamp: "" };
  const timestamp = new Date(now).toISOString();
  const by = caller.actor.id;
  const stanza = {
    type: "thread",
    thread: { id, action: "created", by, entity: by, timestamp, kind, subject, entities: members },
  };
  return log.write(
    OPEN,
    Opened,
    now,
    [
      keys.thread(id),
      keys.events(id),
      keys.tips(id),
      keys.members(id),
      kind === "direct" ? keys.direct(members) : keys.thread(id),
      keys.messages(id, 0),
      ...members.map(keys.threads),
      ...members.map(keys.blocks),
    ],
    [
      ...[kind, id, keys.encode(by), timestamp, subject ?? "", JSON.stringify(stanza)],
      ...[first.id, first.head, first.tail, first.stamp],
      ...members.map(keys.encode),
    ],
  );
}

// Who has which direct thread never changes, so it is asked once.
const directs = new Map<string, string>();
const DIRECTS_MAX = 10_000;

async function lookUp(key: string): Promise<string | undefined> {
  const [id] = await redis.read(v.tuple([v.nullable(v.string())]), (reading) => reading.get(key));
  return id ?? undefined;
}

function remember(key: string, id: string): string {
  if (directs.size >= DIRECTS_MAX) directs.clear();
  directs.set(key, id);
  return id;
}
