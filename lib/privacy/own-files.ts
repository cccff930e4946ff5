import { discardFiles, readFiles } from "../chat/file-record.js";
import type { Log } from "../log/log.js";
import type { FoundKey } from "../store/keys.js";
import type { Person } from "./person.js";

/** Gives up the files that a person has uploaded: nobody can read them from now on, and they are removed from the storage. */
export async function eraseFiles(log: Log, { who }: Person, found: readonly FoundKey[]): Promise<void> {
  for (const file of await readFiles(
    log,
    found.map(({ of }) => of),
  )) {
    if (file?.by === who) await discardFiles(log, file.thread, "", [file.id]);
  }
}

/** Reads what is kept of the files that a person has uploaded. */
export async function readOwnFiles(log: Log, { who }: Person, found: readonly FoundKey[]) {
  const files = await readFiles(
    log,
    found.map(({ of }) => of),
  );
  return files.flatMap((file) => (file?.by === who && !file.gone ? [file] : []));
}
