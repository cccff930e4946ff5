import { v4 as uuid } from "uuid";
import * as v from "valibot";
import { type Caller, checkContacts } from "./caller.js";
import { config } from "./config.js";
import { Fault } from "./fault.js";
import * as keys from "./keys.js";
import * as log from "./log.js";
import * as redis from "./redis.js";
import type { NewThread } from "./stanza.js";

/** Finds the direct thread of the caller and others, or makes it. Throws `not_a_contact`. */
export async function direct(
  caller: Caller,
  others: readonly string[],
  now: number,
): Promise<{ id: string; made: boolean }> {
  const members = [...new Set([caller.actor.id, ...others])];
  checkContacts(caller, members);
  const key = keys.direct(members);
  const known = directs.get(key) ?? (await lookUp(key));
  if (known !== undefined) return { id: remember(key, known), made: false };
  const opened = await open(caller, { kind: "direct", members }, uuid(), now);
  return { id: remember(key, opened.id), made: opened.tag === "made" };
}

/** Makes a room, its maker the owner. Throws `thread_conflict` for an id that is taken, `not_a_contact`, `too_large`. */
export async function room(caller: Caller, request: Omit<NewThread, "kind">, now: number): Promise<string> {
  const members = [...new Set([caller.actor.id, ...request.members])];
  checkContacts(caller, members);
  if (members.length > config.roomMax)
    throw new Fault("too_large", { detail: `A room has at most ${config.roomMax} members` });
  const { subject } = request;
  const plan = { kind: "room", members, ...(subject === undefined ? {} : { subject }) } as const;
  const opened = await open(caller, plan, request.id ?? uuid(), now);
  if (opened.tag !== "made") throw new Fault("thread_conflict");
  return opened.id;
}

/** Finds or makes the thread that a request describes. Throws as `direct` and `room` do. */
export async function make(caller: Caller, request: NewThread, now: number): Promise<{ id: string; made: boolean }> {
  return request.kind === "direct"
    ? direct(caller, request.members, now)
    : { id: await room(caller, request, now), made: true };
}

/** Forgets which thread is whose direct one; for when it turns out to be gone. */
export function forgetDirect(): void {
  directs.clear();
}

// Makes a thread, unless its id is taken or, for a direct one, its members have one. A second attempt finds what the first one made.
// KEYS: clock, thread, events, tips, members, direct (a room: thread), then each member's threads.
// ARGV: own: kind, id, who (encoded), time, subject or '', stanza, then each member (encoded).
// Returns: {made, id}, {found, id} or {taken, id}.
const OPEN = `
if redis.call('HGET', KEYS[2], 'born') == ARGV[3] then return {'made', ARGV[6]} end
if ARGV[5] == 'direct' then
  local found = redis.call('GET', KEYS[6])
  if found then return {'found', found} end
end
if redis.call('EXISTS', KEYS[2]) == 1 then return {'taken', ARGV[6]} end
local at = append(KEYS[3], '0', 'join', ARGV[7], ARGV[6], ARGV[10])
redis.call('HSET', KEYS[2], 'kind', ARGV[5], 'created', ARGV[8], 'updated', ARGV[8], 'seq', '0', 'tip', at, 'born', ARGV[3])
if ARGV[9] ~= '' then redis.call('HSET', KEYS[2], 'subject', ARGV[9]) end
if ARGV[5] == 'room' then redis.call('HSET', KEYS[2], 'owners', '1') else redis.call('SET', KEYS[6], ARGV[6]) end
for i = 11, #ARGV do
  local role = ARGV[5] == 'room' and ARGV[i] == ARGV[7] and 'owner' or 'member'
  redis.call('HSET', KEYS[2], 'role:' .. ARGV[i], role, 'read:' .. ARGV[i], '0')
  redis.call('ZADD', KEYS[5], at, ARGV[i])
  redis.call('HSET', KEYS[i - 4], ARGV[6], at)
end
redis.call('ZADD', KEYS[4], at, ARGV[6])
commit()
return {'made', ARGV[6]}
`;

const Opened = v.pipe(
  v.tuple([v.picklist(["made", "found", "taken"]), v.string()]),
  v.transform(([tag, id]) => ({ tag, id })),
);

function open(
  caller: Caller,
  plan: { kind: "direct" | "room"; members: string[]; subject?: string },
  id: string,
  now: number,
) {
  const { kind, members, subject } = plan;
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
      ...members.map(keys.threads),
    ],
    [kind, id, keys.encode(by), timestamp, subject ?? "", JSON.stringify(stanza), ...members.map(keys.encode)],
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
