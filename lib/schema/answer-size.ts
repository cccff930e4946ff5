// An answer ends before 1 MiB; what is left of that is for the envelope around the stanzas.
const ANSWER_BYTES = 1_040_000;

/** Counts how many pieces of JSON, from the first on, fit into one answer. */
export function countFitting(pieces: readonly string[]): number {
  let bytes = 0;
  for (const [i, piece] of pieces.entries()) {
    bytes += Buffer.byteLength(piece) + 1;
    if (bytes > ANSWER_BYTES) return i;
  }
  return pieces.length;
}
