import * as v from "valibot";
import type { StoredFile } from "../files/stored-file.js";
import type { Log } from "../log/log.js";
import { Count } from "../store/replies.js";

/** What the store knows of a file: who uploaded it (encoded), and the message that it was sent with, which may not be there yet. */
export type FileRecord = StoredFile & { by: string; thread: string; message: string; gone: boolean };

const text = v.nullable(v.string());
const Records = v.array(v.tuple([text, text, text, v.nullable(Count), text, text, text]));

/** Reads what is known of files; undefined for each that does not exist. */
export async function readFiles({ keys, store }: Log, ids: readonly string[]): Promise<(FileRecord | undefined)[]> {
  if (ids.length === 0) return [];
  const records = await store.transact(Records, (batch) => {
    for (const id of ids) batch.hmget(keys.file(id), "by", "name", "type", "size", "thread", "message", "gone");
  });
  return records.map(([by, name, type, size, thread, message, gone], i) => {
    const id = ids[i];
    if (id === undefined || by === null || name === null || type === null || size === null) return undefined;
    return { id, by, name, type, size, thread: thread ?? "", message: message ?? "", gone: gone !== null };
  });
}

// Gives up files of a thread, which are then due, and forgets whose they were. KEYS: files, then each file.
// ARGV: thread, or '' for those that were asked for without one; message, or '' for any; then their ids. Returns: how many.
const DISCARD = `
local files, place, message, gone = KEYS[1], ARGV[1], ARGV[2], 0
for i = 2, #KEYS do
  local it = redis.call('HMGET', KEYS[i], 'thread', 'message')
  if (it[1] or '') == place and (message == '' or it[2] == message) then
    redis.call('HSET', KEYS[i], 'gone', '1', 'by', '', 'name', '')
    redis.call('ZADD', files, '0', ARGV[i + 1])
    gone = gone + 1
  end
end
return gone
`;

// Each is one key of a script.
const DISCARDED_AT_ONCE = 500;

/** Gives up files that a message of a thread carried, or any message if none is named: nobody can read them from now on, and they are removed. */
export async function discardFiles(
  { keys, store }: Log,
  thread: string,
  message: string,
  files: readonly string[],
): Promise<void> {
  for (let at = 0; at < files.length; at += DISCARDED_AT_ONCE) {
    const some = files.slice(at, at + DISCARDED_AT_ONCE);
    await store.runScript(
      DISCARD,
      Count,
      [keys.files, ...some.map(keys.file)],
      [thread, message.toLowerCase(), ...some],
    );
  }
}

type Content = { attachments?: readonly unknown[] };

const Attached = v.looseObject({ file: v.string() });

/** Returns the ids of the files that a message carries. */
export function filesOf({ attachments = [] }: Content): string[] {
  return attachments.flatMap((it) => {
    const parsed = v.safeParse(Attached, it);
    return parsed.success ? [parsed.output.file] : [];
  });
}
