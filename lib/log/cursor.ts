/** The position of the log: everything up to `n` of `epoch` has happened; `tag` is a nonce of the newest event. */
export type Clock = { epoch: string; n: number; tag: string };

/** A position in the log, as clients store it: everything that concerns the reader up to `n` is known. */
export type Cursor = { epoch: string; n: number };

/** Formats a cursor as `<epoch>.<n>`. */
export function formatCursor(cursor: Cursor): string {
  return `${cursor.epoch}.${cursor.n}`;
}

/** Parses a cursor; undefined if the text is not one. */
export function parseCursor(text: string): Cursor | undefined {
  const match = /^([A-Za-z0-9_-]{1,22})\.(\d{1,15})$/.exec(text);
  if (!match?.[1] || !match[2]) return undefined;
  // Copied: a slice of a URL keeps the whole URL in memory for as long as a poll is held.
  return { epoch: Buffer.from(match[1], "latin1").toString("latin1"), n: Number(match[2]) };
}
