/** A stream that is held open for a user. */
export type OpenStream = {
  /** Whether its reader has fallen behind, and for more than a moment. */
  readonly isBehind: boolean;
  /** Ends it at once, whatever is left to be read. */
  cut(): void;
};

// As many as a user's held polls. A stream that is read holds one, and ends with it; one that is not read holds none, but up to 1 MiB.
const UNREAD_MAX = 8;

/** The streams that users hold open here. Of a user with many, those that nobody reads are cut: each keeps an answer in memory. */
export class OpenStreams {
  readonly #open = new Map<string, Set<OpenStream>>();

  add(entity: string, stream: OpenStream): void {
    const mine = this.#open.get(entity) ?? new Set();
    this.#open.set(entity, mine.add(stream));
    for (const it of [...mine]) {
      if (mine.size <= UNREAD_MAX) return;
      if (it !== stream && it.isBehind) it.cut();
    }
  }

  remove(entity: string, stream: OpenStream): void {
    const mine = this.#open.get(entity);
    mine?.delete(stream);
    if (mine?.size === 0) this.#open.delete(entity);
  }
}
