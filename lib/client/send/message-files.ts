import { linked } from "../environment/abort.js";
import type { Deployment } from "../http/deployment.js";
import type { Attachment } from "../protocol/file.js";
import { upload } from "./file-upload.js";
import type { OutboxEntry } from "./outbox-store.js";

/** What is told of the files of a message, each by its place, and of the message: `keep` is given it whenever one more file is uploaded. */
type Uploading = {
  onProgress(file: number, sent: number, size: number): void;
  /** The upload of a file has failed. */
  onFailure(file: number, error: unknown): void;
  keep(entry: OutboxEntry): Promise<void>;
  signal: AbortSignal;
};

// A browser opens six connections to a host, and the chat needs one.
const AT_ONCE = 3;

/**
 * Uploads the files of a message that waits, but for those that were uploaded before; the last time that it is kept, the message has the
 * attachments that name them. Rejects if one is refused, or the network fails.
 */
export async function uploadAll(deployment: Deployment, entry: OutboxEntry, uploading: Uploading): Promise<void> {
  const { id, stanza, files = [] } = entry;
  const message: { thread?: string; to?: string[]; attachments?: Attachment[] } = Object(stanza.message);
  // A message that makes its thread cannot name it yet.
  const thread = message.to === undefined ? message.thread : undefined;
  const current = [...files];
  const left = [...files.entries()].filter(([, { attachment }]) => attachment === undefined);
  const { signal, abort, done } = linked(uploading.signal);
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [i, file] = next;
      const onProgress = (sent: number, size: number) => uploading.onProgress(i, sent, size);
      const attachment = await upload(deployment, file, { thread, signal, onProgress }).catch((error: unknown) => {
        if (!signal.aborted) uploading.onFailure(i, error);
        throw error;
      });
      current[i] = { ...file, attachment };
      if (current.some((it) => it.attachment === undefined)) await uploading.keep({ id, stanza, files: [...current] });
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } catch (error) {
    // One that is refused ends the others.
    abort();
    throw error;
  } finally {
    done();
  }
  const attachments = [...(message.attachments ?? []), ...current.flatMap(({ attachment }) => attachment ?? [])];
  await uploading.keep({ id, stanza: { ...stanza, message: { ...message, attachments } } });
}
