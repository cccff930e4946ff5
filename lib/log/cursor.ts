/** The position of the log: everything up to `n` of `epoch` has happened; `tag` is a nonce of the newest event. */
export type Clock = { epoch: string; n: number; tag: string };

/**
 * A position in the log, as clients store it: everything that concerns the reader up to `n` is known; while a `resync` is under way, except
 * threads that it has yet to name.
 */
export type Cursor = { epoch: string; n: number; resync?: ResyncProgress };

/** How far a resync of many threads has come: those that its reader joined up to the event `after` have been named. */
export type ResyncProgress = { reason: "epoch" | "trimmed"; after: number };

/** Formats a cursor as `<epoch>.<n>`; during a resync as `<epoch>.<n>.e<after>` or `<epoch>.<n>.t<after>`. */
export function formatCursor({ epoch, n, resync }: Cursor): string {
  return resync === undefined ? `${epoch}.${n}` : `${epoch}.${n}.${resync.reason[0]}${resync.after}`;
}

/** Parses a cursor; undefined if the text is not one. */
export function parseCursor(text: string): Cursor | undefined {
  const match = /^([A-Za-z0-9_-]{1,22})\.(\d{1,15})(?:\.([et])(\d{1,15}))?$/.exec(text);
  if (!match?.[1] || !match[2]) return undefined;
  // Copied: a slice of a URL keeps the whole URL in memory for as long as a poll is held.
  const cursor = { epoch: Buffer.from(match[1], "latin1").toString("latin1"), n: Number(match[2]) };
  if (match[3] === undefined) return cursor;
  return { ...cursor, resync: { reason: match[3] === "e" ? "epoch" : "trimmed", after: Number(match[4]) } };
}
