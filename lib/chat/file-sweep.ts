import * as v from "valibot";
import type { Storage } from "../files/stored-file.js";
import type { Log } from "../log/log.js";
import { describeError } from "../logger.js";
import { Count } from "../store/replies.js";
import { RETRACTED } from "./archive.js";
import { discardFiles, type FileRecord, readFiles } from "./file-record.js";

// Decides about a file that is due. One whose message is there stays for as long as that; any other is gone from now on.
// KEYS: files, file, thread. ARGV: file, message. Returns: 1 if it is to be removed.
const JUDGE = `
local files, file, thread, id, message = KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[2]
local it = redis.call('HMGET', file, 'message', 'gone')
local stamp = redis.call('HGET', thread, 'id:' .. message)
if (it[1] or '') ~= message then return 0 end
if not it[2] and message ~= '' and stamp and not string.find(stamp, ' ${RETRACTED}$') then
  redis.call('ZREM', files, id)
  return 0
end
if redis.call('EXISTS', file) == 1 then redis.call('HSET', file, 'gone', '1') end
return 1
`;

/** Looks at some of the files that are due, and removes those that no message carries. Returns how many were removed. */
export async function sweepFiles(log: Log, most: number, now: number): Promise<number> {
  const { keys, storage, store } = log;
  if (storage === undefined) return 0;
  const [due] = await store.transact(v.tuple([v.array(v.string())]), (batch) =>
    batch.zrange(keys.files, 0, now, { byScore: true, offset: 0, count: most }),
  );
  const records = await readFiles(log, due);
  // One that the storage does not remove keeps none of the others.
  const swept = await Promise.allSettled(due.map((id, i) => sweep(log, storage, id, records[i])));
  const failed = swept.find((it) => it.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return swept.filter((it) => it.status === "fulfilled" && it.value).length;
}

async function sweep(log: Log, storage: Storage, id: string, record: FileRecord | undefined): Promise<boolean> {
  const { keys, store } = log;
  const { thread = "", message = "" } = record ?? {};
  const judged = [keys.files, keys.file(id), keys.thread(thread)];
  if ((await store.runScript(JUDGE, Count, judged, [id, message])) === 0) return false;
  await storage.remove(id);
  await store.transact(v.array(v.unknown()), (batch) => {
    batch.zrem(keys.files, id);
    batch.srem(keys.threadFiles(thread), id);
    batch.del(keys.file(id));
  });
  return true;
}

/** Gives up the files of a message, and removes them from the storage. What cannot be removed now is removed by a later sweep. */
export async function removeFiles(log: Log, thread: string, message: string, files: readonly string[], now: number) {
  await discardFiles(log, thread, message, files);
  await sweepFiles(log, files.length, now).catch((error) => log.logger.error("sweep_failed", describeError(error)));
}
