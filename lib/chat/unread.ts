/** Counts a thread's unread messages of others: those after the user's read mark, of a muted thread none. */
export function countUnread(seq: number, read: number, isMuted: boolean): number {
  return isMuted ? 0 : seq - read;
}
