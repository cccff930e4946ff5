/** What has become of the messages so far. */
export type Sum = {
  /** Messages that the server has accepted. */
  accepted: number;
  /** Deliveries due: one to each member of the room, the sender included. */
  expected: number;
  /** Deliveries so far. */
  delivered: number;
  /** Deliveries that are overdue: `LATE_MS` after the message was accepted. */
  lost: number;
  /** Repeated deliveries. */
  doubled: number;
  /** Messages that are neither accepted nor refused yet. */
  waiting: number;
  refused: number;
  /** The age of the oldest accepted message that is not delivered to all. */
  oldestMs: number;
};

/** Longer than the client takes to reconnect to a server that was killed several times in a row. */
export const LATE_MS = 20_000;

type Open = { members: number; heard: Set<number>; at?: number };

/** Tracks each message from when it is sent until each member has received it. */
export class Tally {
  #accepted = 0;
  #expected = 0;
  #delivered = 0;
  #doubled = 0;
  #refused = 0;
  readonly #open = new Map<string, Open>();
  /** Messages delivered to all members; another delivery is a repetition. */
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
    // The stream may deliver the message before the response accepts it.
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
