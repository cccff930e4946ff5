import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { Fault } from "../fault.js";
import * as log from "../log/write.js";
import type { Caller } from "../people/caller.js";
import type { Edit, Retract } from "../schema/stanza.js";
import * as keys from "../store/keys.js";
import { find, indexOf, listOf, RETRACTED, type Stamp } from "./archive.js";
import { checkSize, polish } from "./content.js";
import { refuseMention, spell } from "./reference.js";

// Somebody else changed the message in between: read it again so many times.
const ATTEMPTS = 5;

const Stored = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({ type: v.picklist(["plain", "html", "rst"]), text: v.exactOptional(v.string()) }),
);

/** Corrects a message of one's own (XEP-0308). What it says afterwards is checked as a whole. Throws `forbidden`, `message_not_found`, `invalid`, `too_large`. */
export async function edit(caller: Caller, request: Edit, now: number) {
  const { thread, id, changes } = request;
  const timestamp = new Date(now).toISOString();
  return attempt(async () => {
    const { role, stamp, message } = await find(caller, thread, id);
    if (role === "visitor" || stamp.sender !== keys.encode(caller.actor.id)) throw new Fault("forbidden");
    const before = v.parse(Stored, message);
    const content = polish({ ...before, ...changes });
    const after = checkSize(JSON.stringify({ ...content, edited: timestamp }));
    // What becomes HTML by its type alone is sanitised now: who shows the message must hear that text, too.
    const names = content.text === before.text ? Object.keys(changes) : [...Object.keys(changes), "text"];
    const said = Object.fromEntries(names.map((name) => [name, Reflect.get(content, name)]));
    const stanza = { type: "edit", edit: { thread, id, ...said, entity: caller.actor.id, timestamp } };
    const version = randomBytes(6).toString("base64url");
    return replace(caller, { thread, id, stamp, version, after, stanza, mentions: changes.mentions ?? [] }, now);
  });
}

/** Takes a message back (XEP-0424); its sender may, and an owner of the room. Throws `forbidden`, `message_not_found`. */
export async function retract(caller: Caller, request: Retract, now: number) {
  const { thread, id } = request;
  const timestamp = new Date(now).toISOString();
  return attempt(async () => {
    const { role, stamp } = await find(caller, thread, id);
    const own = stamp.sender === keys.encode(caller.actor.id) && role !== "visitor";
    if (!own && role !== "owner") throw new Fault("forbidden");
    const after = JSON.stringify({ id, thread, seq: stamp.seq, timestamp: stamp.timestamp, retracted: timestamp });
    const stanza = { type: "retract", retract: { thread, id, entity: caller.actor.id, timestamp } };
    return replace(caller, { thread, id, stamp, version: RETRACTED, after, stanza, mentions: [] }, now);
  });
}

/** Repeats what found that the message had changed meanwhile. */
async function attempt<Result>(change: () => Promise<Result | undefined>): Promise<Result> {
  for (let tries = 0; tries < ATTEMPTS; tries++) {
    const result = await change();
    if (result !== undefined) return result;
  }
  throw new Fault("unavailable", { detail: "The message is being changed by many at once", retryAfter: 1 });
}

// Puts another message in the place of one, if that is still as it was seen.
// KEYS: clock, thread, events, tips, list. ARGV: own: who (encoded), thread id, message id, stamp as seen, new stamp, index, message, stanza, '',
// then everybody it mentions anew (encoded). Returns: {ok}, {stranger}, {changed} or {outsider, which one}.
const REPLACE = `
local fields = {'tip', 'role:' .. ARGV[5], 'id:' .. ARGV[7], 'kind'}
for i = 14, #ARGV do fields[i - 9] = 'role:' .. ARGV[i] end
local it = redis.call('HMGET', KEYS[2], unpack(fields))
if not it[2] then return {'stranger'} end
if it[3] == ARGV[9] then return {'ok'} end
if it[3] ~= ARGV[8] then return {'changed'} end
for i = 14, #ARGV do if not it[i - 9] then return {'outsider', i - 13} end end
local at = append(KEYS[3], it[1], it[4] == 'direct' and 'direct' or 'post', ARGV[5], ARGV[6], ARGV[12])
redis.call('HSET', KEYS[2], 'tip', at, 'id:' .. ARGV[7], ARGV[9])
redis.call('LSET', KEYS[5], ARGV[10], ARGV[11])
redis.call('ZADD', KEYS[4], at, ARGV[6])
commit()
return {'ok'}
`;

const Replaced = v.union([
  v.tuple([v.picklist(["ok", "stranger", "changed"])]),
  v.tuple([v.literal("outsider"), log.Count]),
]);

type Replacement = {
  thread: string;
  id: string;
  stamp: Stamp;
  version: string;
  after: string;
  stanza: { type: string };
  mentions: string[];
};

/** Writes a replacement; undefined when the message is no longer what was read. */
async function replace(caller: Caller, it: Replacement, now: number) {
  const { thread, id, stamp, version, after, stanza, mentions } = it;
  const { seq, timestamp, sender, fingerprint } = stamp;
  const reply = await log.write(
    REPLACE,
    Replaced,
    now,
    [keys.thread(thread), keys.events(thread), keys.tips(thread), listOf(thread, seq)],
    [
      ...[keys.encode(caller.actor.id), thread, id.toLowerCase(), stamp.text],
      ...[`${seq} ${timestamp} ${sender} ${fingerprint} ${version}`, indexOf(seq), after, JSON.stringify(stanza)],
      ...spell({ mentions }),
    ],
  );
  if (reply[0] === "stranger") throw new Fault("thread_not_found");
  if (reply[0] === "outsider") return refuseMention("edit", { mentions }, reply[1]);
  return reply[0] === "changed" ? undefined : { type: stanza.type, thread, id, timestamp: new Date(now).toISOString() };
}
