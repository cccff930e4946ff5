import { randomBytes } from "node:crypto";
import * as v from "valibot";
import { Fault, invalid } from "../fault.js";
import { isAmong, isNameOf } from "../files/media-type.js";
import { type Storage, UPLOAD_S, type Upload } from "../files/stored-file.js";
import type { Log } from "../log/log.js";
import type { Caller } from "../people/caller.js";
import { isGuest } from "../people/reach.js";
import { roleOf } from "../people/system.js";
import type { NewFile } from "../schema/file.js";
import { encode } from "../store/keys.js";
import { Count } from "../store/replies.js";

const HOUR_S = 3_600;
// Three albums of a holiday. Each costs the storage a write, a read and, if it is not sent, a deletion.
const FILES_AN_HOUR = 200;
// In files of the largest size: a gigabyte where those have 25 MiB.
const LARGEST_AN_HOUR = 40;
// The host knows nothing of guests, and can hold nobody to account for what they upload.
const GUEST_SHARE = 10;
// A class or an office may be behind one address.
const GUESTS_OF_ADDRESS = 10;
/** How long a file is kept that was uploaded and not sent: a day, in which a client that was offline comes back. */
export const UNSENT_MS = 86_400_000;

/** An upload that was granted: the id of the file, and the request that uploads it, which may begin until `expires`. */
export type Granted = { file: string; expires: string; upload: Upload };

/** Returns the storage of a deployment. Throws `not_found` if it has none. */
export function requireStorage({ storage }: Pick<Log, "storage">): Storage {
  if (storage === undefined) throw new Fault("not_found", { detail: "This deployment keeps no files" });
  return storage;
}

/**
 * Grants an upload. Throws `not_found` where no files are kept, `too_large`, `invalid` for a type that is not taken or a name of another type,
 * `thread_not_found`, `cannot_send`, and `rate_limited` for a user who has uploaded much.
 */
export async function grantUpload(
  log: Log,
  caller: Caller,
  request: NewFile,
  from: string,
  now: number,
): Promise<Granted> {
  const storage = requireStorage(log);
  check(log, request);
  const id = randomBytes(16).toString("base64url");
  await note(log, caller, id, request, from, now);
  const upload = await storage.upload({ id, ...request }, now);
  return { file: id, expires: new Date(now + UPLOAD_S * 1_000).toISOString(), upload };
}

function check({ config: { files } }: Log, { name, type, size }: NewFile): void {
  if (size > files.max) throw new Fault("too_large", { detail: `size: at most ${files.max} bytes` });
  if (!isAmong(type, files.types)) throw invalid("type", `must be one of ${files.types.join(", ")}`);
  if (!isNameOf(type, name)) throw invalid("name", `must end as names of ${type} do`);
}

// Notes a file that may be uploaded, unless its uploader must not send to the thread, or has uploaded much.
// KEYS: thread, file, files, then what the uploader, and for a guest the guests of the address, have uploaded within an hour.
// ARGV: id, who (encoded), thread or '', name, type, size, when it is looked at (ms), then for each of the latter how many files and bytes.
// Returns: {ok}, {not_member}, {read_only}, or {limited, seconds to wait}.
const NOTE = `
local thread, file, files = KEYS[1], KEYS[2], KEYS[3]
local id, who, place, name, type, size, due = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6]), ARGV[7]
if redis.call('EXISTS', file) == 1 then return {'ok'} end
if place ~= '' then
  local it = redis.call('HMGET', thread, 'role:' .. who, 'kind')
  local role = ${roleOf("it[1]", "who", "it[2]")}
  if not role then return {'not_member'} end
  if role == 'visitor' then return {'read_only'} end
end
for i = 4, #KEYS do
  local it = redis.call('HMGET', KEYS[i], 'count', 'bytes')
  local count, bytes = tonumber(it[1] or 0), tonumber(it[2] or 0)
  if count + 1 > tonumber(ARGV[2 * i]) or bytes + size > tonumber(ARGV[2 * i + 1]) then
    return {'limited', math.max(1, redis.call('TTL', KEYS[i]))}
  end
end
for i = 4, #KEYS do
  redis.call('HINCRBY', KEYS[i], 'count', '1')
  redis.call('HINCRBY', KEYS[i], 'bytes', ARGV[6])
  if redis.call('TTL', KEYS[i]) < 0 then redis.call('EXPIRE', KEYS[i], '${HOUR_S}') end
end
redis.call('HSET', file, 'by', who, 'name', name, 'type', type, 'size', ARGV[6])
if place ~= '' then redis.call('HSET', file, 'thread', place) end
redis.call('ZADD', files, due, id)
return {'ok'}
`;

const Noted = v.union([
  v.tuple([v.picklist(["ok", "not_member", "read_only"])]),
  v.tuple([v.literal("limited"), Count]),
]);

async function note(
  { config, keys, store }: Log,
  caller: Caller,
  id: string,
  { name, type, size, thread = "" }: NewFile,
  from: string,
  now: number,
): Promise<void> {
  const { id: entity } = caller.actor;
  const share = isGuest(caller) ? 1 / GUEST_SHARE : 1;
  const rations = [{ key: keys.uploads(entity), share }];
  if (isGuest(caller)) rations.push({ key: keys.uploads(`guests of ${from}`), share: share * GUESTS_OF_ADDRESS });
  const reply = await store.runScript(
    NOTE,
    Noted,
    [keys.thread(thread), keys.file(id), keys.files, ...rations.map(({ key }) => key)],
    [
      ...[id, encode(entity), thread, name, type, size, now + UNSENT_MS],
      ...rations.flatMap((it) => [FILES_AN_HOUR * it.share, Math.floor(LARGEST_AN_HOUR * config.files.max * it.share)]),
    ],
  );
  if (reply[0] === "not_member") throw new Fault("thread_not_found");
  if (reply[0] === "read_only") throw new Fault("cannot_send");
  if (reply[0] === "limited")
    throw new Fault("rate_limited", { detail: "Much was uploaded within this hour", retryAfter: reply[1] });
}
