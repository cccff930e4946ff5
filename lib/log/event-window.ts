import { Amendments } from "./amendments.js";
import type { Clock } from "./cursor.js";
import { type Event, isRead } from "./event.js";

// The window serves polls that follow each other within minutes; older events are read from the log. 32 MiB limit an instance's memory.
const MAX_EVENTS = 4_096;
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * The newest events of the log, without a hole: every event after `from`, up to `to`. A message that a later one of them corrects or retracts
 * has the form that it has now.
 */
export class EventWindow {
  readonly epoch: string;
  #from: number;
  #to: number;
  #tag: string;
  #ring: Event[] = [];
  #bytes = 0;
  readonly #amendments = new Amendments();
  /** The newest event of each user's reading of a thread. */
  readonly #reads = new Map<string, Event>();

  constructor(clock: Clock) {
    this.epoch = clock.epoch;
    this.#from = clock.n;
    this.#to = clock.n;
    this.#tag = clock.tag;
  }

  get to(): number {
    return this.#to;
  }

  get tag(): string {
    return this.#tag;
  }

  get from(): number {
    return this.#from;
  }

  /** Adds the next event. `fork`: another event has this n here. `hole`: an event before it is missing. */
  append(event: Event): "new" | "known" | "hole" | "fork" {
    if (event.n > this.#to + 1) return "hole";
    if (event.n <= this.#to) return (this.tagAt(event.n) ?? event.tag) === event.tag ? "known" : "fork";
    this.#ring.push(event);
    this.#to = event.n;
    this.#tag = event.tag;
    this.#bytes += event.body.length + this.#amendments.add(event);
    if (isRead(event)) this.#supersede(event);
    if (this.#ring.length > MAX_EVENTS || this.#bytes > MAX_BYTES) this.#trim();
    return "new";
  }

  /** Returns the tag of the event n; undefined if the window does not reach back to it. */
  tagAt(n: number): string | undefined {
    return n === this.#to ? this.#tag : this.#ring[n - this.#from - 1]?.tag;
  }

  /** Returns whether the window has every event after n, up to `to`. */
  covers(n: number): boolean {
    return n >= this.#from && n <= this.#to;
  }

  /** Returns the first event after n; n must be covered. */
  next(n: number): Event | undefined {
    return this.#ring[n - this.#from];
  }

  /** Returns the events after n, oldest first; n must be covered. */
  since(n: number): readonly Event[] {
    return this.#ring.slice(n - this.#from);
  }

  // The store keeps only the newest position, too: what is read from memory is what would be read from the store.
  #supersede(event: Event): void {
    const name = `${event.kind} ${event.thread} ${event.by}`;
    const earlier = this.#reads.get(name);
    if (earlier !== undefined) earlier.isSuperseded = true;
    this.#reads.set(name, event);
  }

  // Drops an eighth at once, so that many events share the cost of moving the array.
  #trim(): void {
    let drop = Math.ceil(this.#ring.length / 8);
    let bytes = this.#bytes;
    for (const [i, event] of this.#ring.entries()) {
      if (i >= drop && bytes <= MAX_BYTES) break;
      bytes -= event.body.length;
      drop = Math.max(drop, i + 1);
    }
    const last = this.#ring[Math.min(drop, this.#ring.length) - 1];
    this.#ring.splice(0, drop);
    this.#bytes = bytes;
    if (last !== undefined) this.#from = last.n;
    this.#amendments.forget(this.#from);
    for (const [name, event] of this.#reads) if (event.n <= this.#from) this.#reads.delete(name);
  }
}
