/** What became of what was said, up to now. */
export type Sum = {
  /** Messages that the server has acknowledged. */
  accepted: number;
  /** How often those have to be seen: once by each member of their room, the sender included. */
  expected: number;
  /** How often they have been. */
  delivered: number;
  /** What is still not seen so long after it was accepted. */
  lost: number;
  /** What somebody has seen again. */
  doubled: number;
  /** Said, and neither accepted nor refused so far. */
  waiting: number;
  refused: number;
  /** How long the message that is seen last by somebody has been accepted. */
  oldestMs: number;
};

/** Longer than the client takes to come back to a server that was killed some times in a row. */
export const LATE_MS = 20_000;

type Open = { members: number; heard: Set<number>; at?: number };

/** Keeps account of each message, from when it is said until each member has seen it. */
export class Tally {
  #accepted = 0;
  #expected = 0;
  #delivered = 0;
  #doubled = 0;
  #refused = 0;
  readonly #open = new Map<string, Open>();
  /** Everybody has seen these: whoever sees one again sees it double. */
  readonly #done = new Set<string>();

  said(id: string, members: number): void {
    this.#open.set(id, { members, heard: new Set() });
  }

  accepted(id: string, now: number): void {
    const message = this.#open.get(id);
    if (message === undefined) return;
    message.at = now;
    this.#accepted++;
    this.#expected += message.members;
    // The stream may be faster than the answer.
    this.#delivered += message.heard.size;
    this.#close(id, message);
  }

  refused(id: string): void {
    this.#open.delete(id);
    this.#refused++;
  }

  heard(id: string, by: number): void {
    const message = this.#open.get(id);
    if (this.#done.has(id) || message?.heard.has(by)) this.#doubled++;
    else if (message !== undefined) {
      message.heard.add(by);
      if (message.at === undefined) return;
      this.#delivered++;
      this.#close(id, message);
    }
  }

  sum(now: number): Sum {
    const open = [...this.#open.values()];
    const ages = open.flatMap(({ at, members, heard }) =>
      at === undefined ? [] : [{ age: now - at, missing: members - heard.size }],
    );
    return {
      accepted: this.#accepted,
      expected: this.#expected,
      delivered: this.#delivered,
      lost: ages.reduce((sum, { age, missing }) => sum + (age > LATE_MS ? missing : 0), 0),
      doubled: this.#doubled,
      waiting: open.length - ages.length,
      refused: this.#refused,
      oldestMs: Math.max(0, ...ages.map(({ age }) => age)),
    };
  }

  #close(id: string, { members, heard }: Open): void {
    if (heard.size < members) return;
    this.#open.delete(id);
    this.#done.add(id);
  }
}
