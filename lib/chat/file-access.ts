import * as v from "valibot";
import { Fault } from "../fault.js";
import { READ_S, type StoredFile } from "../files/stored-file.js";
import type { Log } from "../log/log.js";
import type { Caller } from "../people/caller.js";
import { isSystem } from "../people/system.js";
import { FileId } from "../schema/file.js";
import { encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import { hiddenUpTo, parseStamp } from "./archive.js";
import { type FileRecord, readFiles } from "./file-record.js";
import { requireStorage } from "./upload.js";

/** A file that can be read by a URL without a credential, until then; a URL without an origin is relative to that of the chat. */
export type ReadableFile = StoredFile & { url: string; expires: string };

/** Signs URLs of those of some files that a caller may read: what was sent to a thread of theirs, or what they have uploaded. Throws `not_found` where no files are kept. */
export async function signFiles(
  log: Log,
  caller: Caller,
  ids: readonly string[],
  now: number,
): Promise<ReadableFile[]> {
  const storage = requireStorage(log);
  // What can be no id is that of no file.
  const sound = [...new Set(ids)].filter((it) => v.is(FileId, it));
  const records = (await readFiles(log, sound)).flatMap((it) => (it === undefined || it.gone ? [] : [it]));
  const readable = await mayRead(log, caller, records);
  const expires = new Date(now + READ_S * 1_000).toISOString();
  return Promise.all(
    records
      .filter((_, i) => readable[i])
      .map(async ({ id, name, type, size }) => {
        const file = { id, name, type, size };
        return { ...file, url: await storage.read(file, now), expires };
      }),
  );
}

/** Signs the URL of one file. Throws `not_found` for one that the caller may not read, or that there is not. */
export async function signFile(log: Log, caller: Caller, id: string, now: number): Promise<ReadableFile> {
  const [file] = await signFiles(log, caller, [id], now);
  if (file === undefined) throw new Fault("not_found");
  return file;
}

const text = v.nullable(v.string());
const Seen = v.array(v.tuple([text, text, text, v.nullable(Count), text]));

async function mayRead({ keys, store }: Log, caller: Caller, records: readonly FileRecord[]): Promise<boolean[]> {
  if (records.length === 0) return [];
  const me = encode(caller.actor.id);
  const threads = await store.transact(Seen, (batch) => {
    for (const { thread, message } of records)
      batch.hmget(keys.thread(thread), "kind", "history", `role:${me}`, `from:${me}`, `id:${message}`);
  });
  return records.map(({ by }, i) => {
    const [kind, history, role, joined, stamp] = threads[i] ?? [null, null, null, null, null];
    const sent = parseStamp(stamp ?? "");
    if (sent === undefined) return by === me;
    if (sent.retracted) return false;
    if (isSystem(caller)) return kind !== null;
    return role !== null && sent.seq > hiddenUpTo(history, joined);
  });
}
