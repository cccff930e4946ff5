import * as v from "valibot";
import { Fault, invalid } from "../fault.js";
import type { Instance } from "../log/instance.js";
import { CUT_LOG } from "../log/log-cut.js";
import { write, writeScript } from "../log/write.js";
import { describe } from "../people/profiles.js";
import type { Actor } from "../schema/actor.js";
import type { Import, Imported } from "../schema/imported.js";
import { encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import { PART, trim } from "./archive.js";
import { checkNotEmpty, checkSize, fingerprint, sanitizeContent } from "./content.js";
import { filesOf } from "./file-record.js";

// How often a thread is read again to which another request has added a message meanwhile.
const ATTEMPTS = 5;
// How far the clock of whoever wrote them may be ahead. A time much later would keep the thread first in all lists.
const AHEAD_MS = 60_000;

// Few imports have files.
const attachedFile = () => import("./attached-file.js");

/** What an import has done: how many messages were added, how many were there before, and the seq of the newest one. */
export type ImportResult = { imported: number; known: number; seq: number };

/**
 * Adds old messages to a thread, with their own ids, times and senders, who need not be members. Messages that it has already are left out, so that an
 * import can be repeated. Nobody is told of them one by one: streams of members resync, and read positions move along with them unless they are to
 * be unread. Throws `thread_not_found`, `invalid`, `too_large`.
 */
export async function importMessages(
  chat: Instance,
  thread: string,
  { messages, unread }: Import,
  now: number,
): Promise<ImportResult> {
  checkTimes(messages, now);
  const actors = await describe(
    chat,
    messages.map(({ sender }) => encode(sender)),
  );
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { seq, known } = await look(chat, thread, messages);
    const added = messages.flatMap((it, i) => (known[i] ? [] : [{ ...it, at: `messages.${i}` }]));
    const result = { imported: added.length, known: messages.length - added.length, seq: seq + added.length };
    if (added.length === 0) return result;
    const stored = await Promise.all(
      added.map((it, i) => format(chat, it, thread, seq + i + 1, actors.get(encode(it.sender)))),
    );
    const carriers = added.filter(({ content }) => filesOf(content).length > 0);
    for (const it of carriers) await (await attachedFile()).claimFiles(chat, { ...it, thread }, it.content, now);

    if ((await append(chat, thread, seq, stored, added, unread, now)) === "changed") continue;
    if (Math.floor((result.seq - 1) / PART) > Math.floor((seq - 1) / PART)) await trim(chat, thread, result.seq);
    return result;
  }
  throw new Fault("unavailable", { detail: "The thread is being changed by too many requests at once", retryAfter: 1 });
}

/** Throws `invalid` for a message that is earlier than the one before it, or of the future. */
function checkTimes(messages: readonly Imported[], now: number): void {
  for (const [i, { timestamp }] of messages.entries()) {
    const at = `messages.${i}.timestamp`;
    if (timestamp < (messages[i - 1]?.timestamp ?? "")) throw invalid(at, "must not be earlier than the one before");
    if (Date.parse(timestamp) > now + AHEAD_MS) throw invalid(at, "must not be in the future");
  }
}

const Looked = v.tuple([v.tupleWithRest([v.nullable(v.string()), v.nullable(Count)], v.nullable(v.string()))]);

/** Reads how far a thread has come, and which of the messages it has. */
async function look(chat: Instance, thread: string, messages: readonly Imported[]) {
  const stamps = messages.map(({ id }) => `id:${id.toLowerCase()}`);
  const [[kind, seq, ...known]] = await chat.store.transact(Looked, (batch) =>
    batch.hmget(chat.keys.thread(thread), "kind", "seq", ...stamps),
  );
  if (kind === null) throw new Fault("thread_not_found");
  return { seq: seq ?? 0, known: known.map((stamp) => stamp !== null) };
}

/** A message that is to be added, and its path in the request. */
type Added = Imported & { at: string };

/** A message as the archive has it, and its stamp without the seq. */
type Stored = { id: string; json: string; stamp: string };

async function format(
  chat: Instance,
  { at, id, sender, timestamp, content: given }: Added,
  thread: string,
  seq: number,
  actor: Actor = { id: sender, objectType: "person" },
): Promise<Stored> {
  try {
    const clean = await sanitizeContent(given);
    checkNotEmpty(at, clean);
    const hasFiles = clean.attachments.some(({ file }) => file !== undefined);
    const content = hasFiles ? await (await attachedFile()).withFiles(chat, sender, at, id, clean) : clean;
    const json = checkSize(JSON.stringify({ seq, ...content, thread, id, timestamp, sender: actor }));
    return { id: id.toLowerCase(), json, stamp: `${timestamp} ${encode(sender)} ${fingerprint(clean)}` };
  } catch (error) {
    if (!(error instanceof Fault && error.code === "too_large")) throw error;
    throw new Fault("too_large", { detail: `${at}.${error.message}` });
  }
}

// Appends messages to a thread that has come as far as it was read. Members who had read it all have read them, too, unless they are to be unread; the
// half of those who have never been active stays. KEYS: clock, thread, events, tips, members, messages part k, messages part k + 1.
// ARGV: own: thread id, seq as read, k, "1" for unread, time of the first and of the last message, then of each: id, message, stamp without the seq.
// Returns: ok, changed, or none if there is no such thread.
const IMPORT = writeScript(`
${CUT_LOG}
local thread, events, tips, members = KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local id, before, guess, unread, first, last = ARGV[5], tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8] == '1', ARGV[9], ARGV[10]
local it = redis.call('HMGET', thread, 'kind', 'seq', 'created', 'updated')
if not it[1] then return 'none' end
local seq, fields = tonumber(it[2] or 0), {}
if seq ~= before then return 'changed' end
for i = 11, #ARGV, 3 do
  seq = seq + 1
  redis.call('RPUSH', KEYS[6 + math.floor((seq - 1) / ${PART}) - guess], ARGV[i + 1])
  fields[#fields + 1] = {'id:' .. ARGV[i], text(seq) .. ' ' .. ARGV[i + 2]}
end
batch('HSET', thread, fields, function(one) return one[1], one[2] end)
for from = 0, unread and -1 or redis.call('ZCARD', members) - 1, 1000 do
  local some, names, moved = redis.call('ZRANGE', members, from, from + 999), {}, {}
  for i, who in ipairs(some) do names[i] = 'read:' .. who end
  for i, mark in ipairs(redis.call('HMGET', thread, unpack(names))) do
    local half = mark and string.find(mark, '.', 1, true) and '.5' or ''
    if mark and math.floor(tonumber(mark)) >= before then moved[#moved + 1] = {names[i], text(seq) .. half} end
  end
  batch('HSET', thread, moved, function(one) return one[1], one[2] end)
end
redis.call('HSET', thread, 'seq', text(seq))
if before == 0 and first < it[3] then redis.call('HSET', thread, 'created', first) end
if before == 0 or last > it[4] then redis.call('HSET', thread, 'updated', last) end
cutLog(thread, events, tips, id)
commit()
return 'ok'
`);

async function append(
  chat: Instance,
  thread: string,
  seq: number,
  stored: readonly Stored[],
  added: readonly Added[],
  unread: boolean,
  now: number,
): Promise<"ok" | "changed"> {
  const { keys } = chat;
  const part = Math.floor(seq / PART);
  const outcome = await write(
    chat,
    IMPORT,
    v.picklist(["ok", "changed", "none"]),
    now,
    [
      ...[keys.thread(thread), keys.events(thread), keys.tips(thread), keys.members(thread)],
      ...[keys.messages(thread, part), keys.messages(thread, part + 1)],
    ],
    [
      ...[thread, seq, part, unread ? "1" : "0", added[0]?.timestamp ?? "", added.at(-1)?.timestamp ?? ""],
      ...stored.flatMap(({ id, json, stamp }) => [id, json, stamp]),
    ],
  );
  if (outcome === "none") throw new Fault("thread_not_found");
  return outcome;
}
