import { readFiles } from "../chat/file-record.js";
import { removeFiles } from "../chat/file-sweep.js";
import type { Log } from "../log/log.js";
import type { FoundKey } from "../store/keys.js";
import type { Person } from "./person.js";

/** Gives up the files that a person has uploaded: nobody can read them from now on, and they are removed from the storage. */
export async function eraseFiles(log: Log, { who }: Person, found: readonly FoundKey[], now: number): Promise<void> {
  const all = await readFiles(
    log,
    found.map(({ of }) => of),
  );
  for (const file of all) if (file?.by === who) await removeFiles(log, file.thread, "", [file.id], now);
}

/** Reads what is kept of the files that a person has uploaded. */
export async function readOwnFiles(log: Log, { who }: Person, found: readonly FoundKey[]) {
  const files = await readFiles(
    log,
    found.map(({ of }) => of),
  );
  return files.flatMap((file) => (file?.by === who && !file.gone ? [file] : []));
}
