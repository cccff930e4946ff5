import type { ChatEvent } from "../protocol/chat.js";
import type { Problem } from "../protocol/problem.js";

/** How far a file is uploaded, in bytes; with a `problem` while its upload waits to begin again. */
export type Upload = { sent: number; size: number; problem?: Problem };

/** The uploads of messages that wait, by the id of the message, each by its place among `files`. */
export type Uploads = ReadonlyMap<string, readonly Upload[]>;

/** Notes how far an upload is, or that its message was sent or refused. Returns the same map when nothing changes. */
export function applyUpload(uploads: Uploads, event: ChatEvent): Uploads {
  if (event.type === "upload") {
    const { id, file, sent, size, problem } = event;
    const files = [...(uploads.get(id) ?? [])];
    for (let i = files.length; i < file; i++) files.push({ sent: 0, size: 0 });
    files[file] = { sent, size, ...(problem && { problem }) };
    return new Map(uploads).set(id, files);
  }
  if (event.type !== "message" || event.pending || !uploads.has(event.message.id)) return uploads;
  return new Map([...uploads].filter(([id]) => id !== event.message.id));
}
