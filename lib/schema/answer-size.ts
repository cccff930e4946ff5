/** The bytes of JSON in one answer, which has at most 1 MiB; the difference is for what stands around each stanza and all of them. */
export const ANSWER_BYTES = 1_020_000;
/** The bytes of one stanza. */
export const STANZA_BYTES = 16 * 1024;

/** Returns how many pieces of JSON, from the first, fit into one answer, or into fewer bytes. */
export function countFitting(pieces: readonly string[], most = ANSWER_BYTES): number {
  let bytes = 0;
  for (const [i, piece] of pieces.entries()) {
    bytes += Buffer.byteLength(piece) + 1;
    if (bytes > most) return i;
  }
  return pieces.length;
}
