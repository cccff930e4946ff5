/**
 * Counts a thread's unread messages of others: those after the user's read mark that were not retracted since. `retracted` lists the latest of
 * these by their seq, each followed by a space.
 */
export function countUnread(seq: number, read: number, retracted: string | null): number {
  const gone = [...(retracted ?? "").matchAll(/(\d+) /g)].filter(([, it]) => Number(it) > read && Number(it) <= seq);
  return Math.max(0, seq - read - gone.length);
}
