import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import { write, writeScript } from "../log/write.js";
import type { Caller } from "../people/caller.js";
import { roleOf } from "../people/system.js";
import type { Edit, Retract } from "../schema/stanza.js";
import { encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import { find, indexOf, listOf, RETRACTED, type Stamp } from "./archive.js";
import { checkNotEmpty, checkSize, referenceArguments, refuseMention, sanitizeContent } from "./content.js";
import { filesOf } from "./file-record.js";
import { checkOutcome } from "./outcome.js";
import type { Chat } from "./thread.js";
import { replacement } from "./verdict.js";

// How often a message is read again that another request changed in between.
const ATTEMPTS = 5;
/** The bytes of seqs of retracted messages that a thread notes. */
export const RETRACTED_BYTES = 1_024;

const NOT_ITS_SENDER = "Only its sender, with a voice in the thread, corrects a message; an owner may retract it, too";

const Stored = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({
    id: v.string(),
    type: v.picklist(["plain", "html", "rst"]),
    text: v.exactOptional(v.string()),
    subject: v.exactOptional(v.string()),
    attachments: v.exactOptional(v.array(v.unknown())),
  }),
);

/**
 * Corrects a message of the caller (XEP-0308). The result is checked as a whole. Throws `forbidden`, `message_not_found`, `invalid`,
 * `too_large`.
 */
export async function edit(chat: Chat, caller: Caller, request: Edit, now: number) {
  const { thread } = request;
  const timestamp = new Date(now).toISOString();
  return attempt(async () => {
    const { stamp, message, hidden } = await find(chat, caller, thread, request.id);
    if (hidden) throw new Fault("message_not_found");
    if (stamp.sender !== encode(caller.actor.id)) throw new Fault("forbidden", { detail: NOT_ITS_SENDER });
    const before = v.parse(Stored, message);
    const { id } = before;
    const asked = { message: { ...before, ...request.changes }, thread, edit: true };
    const changes = await checkFiles(chat, caller, id, {
      ...request.changes,
      ...(await replacement(chat.ask, caller, asked)),
    });
    const content = await sanitizeContent({ ...before, ...changes });
    checkNotEmpty("edit", content);
    const after = checkSize(JSON.stringify({ ...content, edited: timestamp }));
    // A text that becomes HTML by a change of `type` alone is sanitised now, so clients must receive it, too.
    const names = content.text === before.text ? Object.keys(changes) : [...Object.keys(changes), "text"];
    const updated = Object.fromEntries(names.map((name) => [name, Reflect.get(content, name)]));
    const stanza = { type: "edit", edit: { thread, id, ...updated, entity: caller.actor.id, timestamp } };
    checkSize(JSON.stringify(stanza));
    const version = randomBytes(6).toString("base64url");
    const files = filesOf(content);
    const { attachments } = changes;
    if (attachments !== undefined && files.length > 0) {
      const { claimFiles } = await import("./attached-file.js");
      await claimFiles(chat, { sender: caller.actor.id, thread, id, at: "edit" }, { attachments }, now);
    }
    const it = { thread, id, stamp, version, after, stanza, mentions: changes.mentions ?? [] };
    const result = await replace(chat, caller, it, now);
    if (result === undefined) return undefined;
    const dropped = filesOf(before).filter((file) => !files.includes(file));
    await discard(chat, thread, id, dropped, now);
    return result;
  });
}

/** Checks the files that a change brings, if it brings attachments. */
async function checkFiles<Of extends Edit["changes"]>(
  chat: Chat,
  caller: Caller,
  id: string,
  changes: Of,
): Promise<Of> {
  const { attachments } = changes;
  if (!attachments?.some(({ file }) => file !== undefined)) return changes;
  const { withFiles } = await import("./attached-file.js");
  return withFiles(chat, caller.actor.id, "edit", id, { ...changes, attachments });
}

async function discard(chat: Instance, thread: string, message: string, files: readonly string[], now: number) {
  if (files.length === 0) return;
  const { removeFiles } = await import("./file-sweep.js");
  await removeFiles(chat, thread, message, files, now);
}

/** Retracts a message (XEP-0424), as its sender or an owner of the room. Throws `forbidden`, `message_not_found`. */
export async function retract(chat: Instance, caller: Caller, request: Retract, now: number) {
  const { thread } = request;
  const timestamp = new Date(now).toISOString();
  return attempt(async () => {
    const { role, stamp, message, hidden } = await find(chat, caller, thread, request.id);
    // What one has said can be taken back for as long as it is kept.
    if (hidden && role !== "owner" && stamp.sender !== encode(caller.actor.id)) throw new Fault("message_not_found");
    const { id, ...before } = v.parse(Stored, message);
    const after = JSON.stringify({ id, thread, seq: stamp.seq, timestamp: stamp.timestamp, retracted: timestamp });
    const stanza = { type: "retract", retract: { thread, id, entity: caller.actor.id, timestamp } };
    const it = { thread, id, stamp, version: RETRACTED, after, stanza, mentions: [] };
    const result = await replace(chat, caller, it, now);
    if (result !== undefined) await discard(chat, thread, id, filesOf(before), now);
    return result;
  });
}

/** Repeats a change for as long as it returns undefined, because the message has changed meanwhile. */
async function attempt<Result>(change: () => Promise<Result | undefined>): Promise<Result> {
  for (let tries = 0; tries < ATTEMPTS; tries++) {
    const result = await change();
    if (result !== undefined) return result;
  }
  throw new Fault("unavailable", {
    detail: "The message is being changed by too many requests at once",
    retryAfter: 1,
  });
}

// Replaces a message if its stamp is still the one that was read: its sender with a voice may do so, and an owner may retract it. The
// numbers of retracted messages are noted, the latest hundred or so, since those are not unread.
// KEYS: clock, thread, events, tips, list. ARGV: own: who (encoded), thread id, message id, stamp as read, new stamp, index, message,
// stanza, time, '', the number of mentions, then every member that the change mentions (encoded). Returns: {ok}, {not_member}, {forbidden}, {changed} or {outsider, which one}.
const REPLACE = writeScript(`
local thread, events, tips, list = KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local who, id, message, seen, stamp = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local index, json, stanza, timestamp, mentions = ARGV[10], ARGV[11], ARGV[12], ARGV[13], 16
local fields = {'tip', 'role:' .. who, 'id:' .. message, 'kind', 'retracted'}
for i = mentions, #ARGV do fields[#fields + 1] = 'role:' .. ARGV[i] end
local it = redis.call('HMGET', thread, unpack(fields))
local tip, role, is, kind, retracted = it[1], ${roleOf("it[2]", "who", "it[4]")}, it[3], it[4], it[5] or ''
if not role then return {'not_member'} end
local seq, sender = string.match(seen, '^(%d+) %S+ (%S+)')
local retracts = string.find(stamp, ' ${RETRACTED}$')
if not (sender == who and role ~= 'visitor' or retracts and role == 'owner') then return {'forbidden'} end
if is == stamp then return {'ok'} end
if is ~= seen then return {'changed'} end
for i = mentions, #ARGV do if not it[i - mentions + 6] then return {'outsider', i - mentions + 1} end end
local at = append(events, tip, kind == 'direct' and 'direct' or 'post', who, id, stanza)
if retracts then
  retracted = string.sub(seq .. ' ' .. retracted, 1, ${RETRACTED_BYTES})
  ring(id, 'x', seq)
end
redis.call('HSET', thread, 'tip', at, 'id:' .. message, stamp, 'updated', timestamp, 'retracted', retracted)
redis.call('LSET', list, index, json)
redis.call('ZADD', tips, at, id)
commit()
return {'ok'}
`);

const Replaced = v.union([
  v.tuple([v.picklist(["ok", "not_member", "forbidden", "changed"])]),
  v.tuple([v.literal("outsider"), Count]),
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

/** Writes a replacement; undefined if the message has changed since it was read. */
async function replace(chat: Instance, caller: Caller, it: Replacement, now: number) {
  const { thread, id, stamp, version, after, stanza, mentions } = it;
  const { seq, timestamp, sender, fingerprint } = stamp;
  const reply = await write(
    chat,
    REPLACE,
    Replaced,
    now,
    [chat.keys.thread(thread), chat.keys.events(thread), chat.keys.tips(thread), listOf(chat, thread, seq)],
    [
      ...[encode(caller.actor.id), thread, id.toLowerCase(), stamp.text],
      ...[`${seq} ${timestamp} ${sender} ${fingerprint} ${version}`, indexOf(seq), after, JSON.stringify(stanza)],
      new Date(now).toISOString(),
      ...referenceArguments({ mentions }),
    ],
  );
  if (reply[0] === "outsider") return refuseMention("edit", { mentions }, reply[1]);
  if (reply[0] === "changed") return undefined;
  checkOutcome(reply[0], { forbidden: NOT_ITS_SENDER });
  return { type: stanza.type, thread, id, timestamp: new Date(now).toISOString() };
}
