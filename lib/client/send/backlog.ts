import type { OutboxEntry, OutboxStore } from "./outbox-store.js";

// Ended stanzas that are remembered: more than any backlog that a store may fail to remove.
const ENDED_MAX = 1_000;

/** The stanzas that have no outcome yet: those in the store and those of this tab, whatever the store does. */
export class Backlog {
  readonly #store: Promise<OutboxStore>;
  /** Stanzas of this tab, in the order in which they were added. */
  #own = new Map<string, OutboxEntry>();
  /** Stanzas of this tab that the store did not accept. They are sent as long as the page is open. */
  #unstored = new Set<string>();
  /** Stanzas that have an outcome, although the store may still list them. */
  #ended = new Set<string>();
  #adding: Promise<void> = Promise.resolve();

  constructor(store: Promise<OutboxStore>) {
    this.#store = store;
  }

  /** Adds a stanza after all earlier ones; resolves when it is stored or will not be. */
  add(entry: OutboxEntry): Promise<void> {
    const { id } = entry;
    this.#ended.delete(id);
    this.#own.set(id, entry);
    this.#adding = Promise.all([this.#store, this.#adding])
      .then(([store]) => store.add(entry))
      .catch(() => void this.#unstored.add(id));
    return this.#adding;
  }

  /** Replaces a stanza that waits by what it has become; resolves when that is stored or will not be. */
  async replace(entry: OutboxEntry): Promise<void> {
    if (this.#own.has(entry.id)) this.#own.set(entry.id, entry);
    await (await this.#store).replace(entry).catch(() => {});
  }

  find(id: string): OutboxEntry["stanza"] | undefined {
    return this.#own.get(id)?.stanza;
  }

  end(id: string): void {
    this.#own.delete(id);
    this.#unstored.delete(id);
    this.#ended.add(id);
    const [first] = this.#ended;
    if (this.#ended.size > ENDED_MAX && first !== undefined) this.#ended.delete(first);
  }

  /** Removes a stanza from the store, if that is possible. */
  async remove(id: string): Promise<void> {
    await (await this.#store).remove(id).catch(() => {});
  }

  /** Lists what is to be sent: what another page left or other tabs stored, and then what this tab has added, each in its order. */
  async list(): Promise<OutboxEntry[]> {
    await this.#adding;
    const stored = await this.#store.then((store) => store.list()).catch(() => []);
    const left = stored.filter(({ id }) => !this.#ended.has(id));
    for (const { id } of stored) if (this.#ended.has(id)) await this.remove(id);
    const waiting = new Map(left.map((entry) => [entry.id, entry]));
    // An own stanza that the store no longer lists was sent by another tab, unless that tab is gone before it could report it.
    const own = [...this.#own.values()].filter(
      ({ id }) => waiting.has(id) || this.#unstored.has(id) || left.length === 0,
    );
    // Another tab may have uploaded the files of one meanwhile.
    const current = own.map((entry) => waiting.get(entry.id) ?? entry);
    return [...left.filter(({ id }) => !this.#own.has(id)), ...current];
  }
}
