import * as v from "valibot";
import { Fault, invalid } from "../fault.js";
import { beginsAs } from "../files/media-type.js";
import type { Storage } from "../files/stored-file.js";
import type { Log } from "../log/log.js";
import { FileId } from "../schema/file.js";
import { encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import { type FileRecord, filesOf, readFiles } from "./file-record.js";
import { requireStorage, UNSENT_MS } from "./upload.js";

type Attachment = { file?: unknown; url: string };

/**
 * Checks the files that a message carries, and says of each what it really is: name, type and size are those of the upload. A file that this
 * message was already sent with is not looked at again; `at` is the path of the message. Throws `invalid` for one that is not the sender's, was not uploaded, or is not
 * what it was said to be; `not_found` where no files are kept; `unavailable` if the storage does not answer.
 */
export async function withFiles<Of extends { attachments: Attachment[] }>(
  log: Log,
  uploader: string,
  at: string,
  message: string,
  content: Of,
): Promise<Of> {
  if (content.attachments.every(({ file }) => file === undefined)) return content;
  const storage = requireStorage(log);
  const known = new Map((await readFiles(log, filesOf(content))).flatMap((it) => (it ? [[it.id, it]] : [])));
  const attachments = await Promise.all(
    content.attachments.map(async (attachment, i) => {
      if (attachment.file === undefined) return attachment;
      const path = `${at}.attachments.${i}.file`;
      const record = known.get(`${attachment.file}`);
      if (!v.is(FileId, attachment.file) || record?.by !== encode(uploader) || record.gone)
        throw invalid(path, "must be a file that the sender has uploaded");
      if (!attachment.url.endsWith(`/files/${record.id}`)) throw invalid(path, "must be the file that the url names");
      if (record.message !== message.toLowerCase()) await look(storage, record, path);
      const { name, type: contentType, size } = record;
      return { ...attachment, name, contentType, size };
    }),
  );
  return { ...content, attachments };
}

async function look(storage: Storage, file: FileRecord, path: string): Promise<void> {
  const { type, size } = file;
  const content = await storage.look(file).catch((cause) => {
    throw new Fault("unavailable", { detail: "The storage of files does not answer", retryAfter: 5, cause });
  });
  if (content === undefined) throw invalid(path, "must have been uploaded before");
  if (content.size !== size) throw invalid(path, `must have ${size} bytes, as was said, and not ${content.size}`);
  if (!beginsAs(type, content.head))
    throw invalid(path, `must be what its type says: it does not begin as ${type} does`);
}

// Notes with which message files are sent, before it is sent: if that fails, it can be done again, or the files be sent with another message.
// Whoever looks at a file a day later finds out whether the message came to be.
// KEYS: thread, files of the thread, files, then each file. ARGV: who (encoded), thread id, message id, when they are looked at, then their ids.
// Returns: 0, or which file belongs to somebody else, to another thread or message, or is gone.
const CLAIM = `
local thread, ofThread, files = KEYS[1], KEYS[2], KEYS[3]
local who, place, message, due = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
for i = 4, #KEYS do
  local it = redis.call('HMGET', KEYS[i], 'by', 'thread', 'message', 'gone')
  local sent = it[3] and it[3] ~= message and redis.call('HEXISTS', thread, 'id:' .. it[3]) == 1
  if it[1] ~= who or it[4] or sent or (it[2] and it[2] ~= place) then return i - 3 end
end
for i = 4, #KEYS do
  redis.call('HSET', KEYS[i], 'thread', place, 'message', message)
  redis.call('SADD', ofThread, ARGV[i + 1])
  redis.call('ZADD', files, due, ARGV[i + 1])
end
return 0
`;

/** A message that carries files: its sender, its thread, its id, and its path in the request. */
type Carrier = { sender: string; thread: string; id: string; at: string };

/** Claims the files of a message that is about to be sent. Throws `invalid` for one that belongs elsewhere. */
export async function claimFiles(
  { keys, store }: Log,
  { sender, thread, id, at }: Carrier,
  content: { attachments: readonly { file?: unknown }[] },
  now: number,
): Promise<void> {
  const files = filesOf(content);
  if (files.length === 0) return;
  const refused = await store.runScript(
    CLAIM,
    Count,
    [keys.thread(thread), keys.threadFiles(thread), keys.files, ...files.map(keys.file)],
    [encode(sender), thread, id.toLowerCase(), now + UNSENT_MS, ...files],
  );
  if (refused === 0) return;
  const nth = content.attachments.findIndex(({ file }) => file === files[refused - 1]);
  throw invalid(`${at}.attachments.${nth}.file`, "must not have been sent, or asked for, elsewhere");
}
