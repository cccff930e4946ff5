import type { OutgoingFile } from "../protocol/file.js";
import type { Entry } from "../view/entry.js";

/** Returns the files of a message that waits here or was refused. What others sent under this name is an extension. */
export function waitingFiles({ files, pending, refused }: Entry): readonly OutgoingFile[] {
  if (!Array.isArray(files) || (pending === undefined && refused === undefined)) return [];
  return files.filter((it) => Object(it).content instanceof Blob);
}
