// What is promised of webhooks (PROFILE §10), held against what an endpoint was told: a model without a network, a clock or a store.

/** A webhook as the endpoint received it; `taken` is when it was accepted, if it was. Times in ms. */
export type Told = {
  id: string;
  thread: string;
  seq: number;
  message: string;
  by: string;
  at: number;
  taken: number | undefined;
};

/** A message that the chat has accepted. */
export type Accepted = { id: string; thread: string; seq: number; by: string };

/** A promise that was broken. */
export type Breach = { rule: "lost" | "order" | "id" | "unknown" | "erased" | "imported"; what: string };

/** Holds what an endpoint was told of messages against what happened to them. */
export class HooksChecker {
  readonly #accepted = new Map<string, Accepted>();
  readonly #imported = new Set<string>();
  readonly #erased = new Map<string, number>();
  readonly #told: Told[] = [];

  accept(message: Accepted): void {
    this.#accepted.set(message.id, message);
  }

  /** Notes a message that was imported, of which nothing is told. */
  import(id: string): void {
    this.#imported.add(id);
  }

  /** Notes that the erasure of a user was over at a time. */
  erase(by: string, at: number): void {
    this.#erased.set(by, at);
  }

  /** Notes an attempt; its `taken` may be set later. */
  tell(told: Told): void {
    this.#told.push(told);
  }

  /** How many messages are still to be told: those of users who were erased need not be. */
  get missing(): number {
    const taken = new Set(this.#told.filter((it) => it.taken !== undefined).map(({ message }) => message));
    return [...this.#accepted.values()].filter(({ id, by }) => !taken.has(id) && !this.#erased.has(by)).length;
  }

  /** Returns what was promised and did not hold. */
  finish(): Breach[] {
    return [...this.#lost(), ...this.#order(), ...this.#ids(), ...this.#wrong()];
  }

  *#lost(): Generator<Breach> {
    const taken = new Set(this.#told.filter((it) => it.taken !== undefined).map(({ message }) => message));
    for (const { id, thread, seq, by } of this.#accepted.values())
      if (!taken.has(id) && !this.#erased.has(by)) yield { rule: "lost", what: `${thread} ${seq} was never taken` };
  }

  /** A message is first tried when the one before it in its thread was taken. */
  *#order(): Generator<Breach> {
    const first = new Map<string, Told>();
    const taken = new Map<string, number>();
    for (const it of this.#told) {
      if ((first.get(it.message)?.at ?? Infinity) > it.at) first.set(it.message, it);
      if (it.taken !== undefined) taken.set(it.message, Math.min(taken.get(it.message) ?? Infinity, it.taken));
    }
    const before = new Map<string, Told>();
    for (const it of [...first.values()].sort((a, b) => a.seq - b.seq)) {
      const last = before.get(it.thread);
      before.set(it.thread, it);
      // What was taken out of the outbox meanwhile is not waited for.
      if (last === undefined || this.#erased.has(last.by)) continue;
      if ((taken.get(last.message) ?? Infinity) > it.at)
        yield { rule: "order", what: `${it.thread} ${it.seq} was told before ${last.seq} was taken` };
    }
  }

  /** An event has one webhook-id, and that id no other event. */
  *#ids(): Generator<Breach> {
    const byMessage = new Map<string, string>();
    const byId = new Map<string, string>();
    for (const { id, message, thread, seq } of this.#told) {
      const [known, other] = [byMessage.get(message) ?? id, byId.get(id) ?? message];
      if (known !== id) yield { rule: "id", what: `${thread} ${seq} came as ${known} and as ${id}` };
      if (other !== message) yield { rule: "id", what: `${id} came for ${other} and for ${message}` };
      byMessage.set(message, known);
      byId.set(id, other);
    }
  }

  *#wrong(): Generator<Breach> {
    for (const { thread, seq, message, by, at } of this.#told) {
      const what = `${thread} ${seq} of ${by}`;
      if (at > (this.#erased.get(by) ?? Infinity)) yield { rule: "erased", what };
      if (this.#imported.has(message)) yield { rule: "imported", what };
      else if (!this.#accepted.has(message) && !this.#erased.has(by)) yield { rule: "unknown", what };
    }
  }
}
