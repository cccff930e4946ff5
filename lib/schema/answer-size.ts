// An answer has at most 1 MiB; the difference is for the envelope around the stanzas.
const ANSWER_BYTES = 1_040_000;

/** Returns how many pieces of JSON, from the first, fit into one answer. */
export function countFitting(pieces: readonly string[]): number {
  let bytes = 0;
  for (const [i, piece] of pieces.entries()) {
    bytes += Buffer.byteLength(piece) + 1;
    if (bytes > ANSWER_BYTES) return i;
  }
  return pieces.length;
}
