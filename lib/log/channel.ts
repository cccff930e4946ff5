import * as keys from "../store/keys.js";
import { subscribe } from "../store/subscribe.js";
import { type Event, parseLine } from "./event.js";

/** An event as it was written, in an epoch. */
export type Written = { epoch: string; event: Event };

/** A line of the wire; undefined for one of a version that this process cannot read. */
export type Line = Written | undefined;

export type Listener = {
  /** The subscription stands: whatever is published from now on will come. */
  opened(): void;
  heard(line: Line): void;
  /** The subscription fell: something may be missed until it stands again. */
  lost(): void;
};

// An idle event stream is cut at 300 s by Node and by proxies: the next one is opened well before.
const ROTATE_MS = 240_000;
// What was sent down the old connection before the new one stood has come by then.
const OVERLAP_MS = 1_000;
// A subscription that does not stand by then never will.
const STAND_MS = 5_000;
// Doubles up to two seconds, with full jitter, so that a returning store is found soon and not trampled.
const BACKOFF_MS = { first: 100, most: 2_000 };
// A subscription that stood this long was sound; its end starts the backoff anew.
const SOUND_MS = 10_000;

/** Keeps one subscription to the wire, for as long as the process lives. */
export class Wire {
  #listener: Listener;
  #connections = new Set<AbortController>();
  #standing = new Set<AbortController>();
  #failures = 0;
  #state: "new" | "open" | "closed" = "new";

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** Whether the subscription stands, as far as can be told from here. */
  get live(): boolean {
    return this.#standing.size > 0;
  }

  open(): void {
    if (this.#state !== "new") return;
    this.#state = "open";
    this.#connect();
  }

  /** Drops the subscription, at once; another one is made after the backoff. */
  renew(): void {
    for (const connection of [...this.#connections]) connection.abort();
    if (!this.live) return;
    this.#standing.clear();
    this.#listener.lost();
  }

  close(): void {
    this.#state = "closed";
    this.renew();
  }

  #connect(old?: AbortController): void {
    const connection = new AbortController();
    this.#connections.add(connection);
    const began = Date.now();
    const rotation = setTimeout(() => this.#connect(connection), ROTATE_MS * (1 - Math.random() / 8)).unref();
    const patience = setTimeout(() => connection.abort(), STAND_MS).unref();
    const opened = () => {
      clearTimeout(patience);
      if (!connection.signal.aborted) this.#opened(connection, old);
    };
    const heard = (line: Line) => {
      if (this.#standing.has(connection)) this.#listener.heard(line);
    };
    const take = splitter((line) => sort(line, { opened, heard }));
    void subscribe(keys.wire, take, connection.signal).then(() => {
      clearTimeout(rotation);
      clearTimeout(patience);
      this.#ended(connection, Date.now() - began);
    });
  }

  // The new connection stands before the old one is closed: dense numbers make the overlap harmless.
  #opened(connection: AbortController, old: AbortController | undefined): void {
    const before = this.live;
    this.#standing.add(connection);
    setTimeout(() => old?.abort(), OVERLAP_MS).unref();
    if (!before) this.#listener.opened();
  }

  #ended(connection: AbortController, lasted: number): void {
    this.#connections.delete(connection);
    const stood = this.#standing.delete(connection);
    if (stood && !this.live) this.#listener.lost();
    if (this.#connections.size > 0 || this.#state === "closed") return;
    this.#failures = lasted > SOUND_MS ? 0 : this.#failures + 1;
    const most = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** this.#failures);
    setTimeout(() => this.#state === "open" && this.#connect(), Math.random() * most).unref();
  }
}

const SUBSCRIBED = `data: subscribe,${keys.wire},`;
const MESSAGE = `data: message,${keys.wire},`;

function sort(line: string, listener: Pick<Listener, "opened" | "heard">): void {
  // What one write says comes together, so that nobody is woken between two of its events; no line holds a tab.
  if (line.startsWith(MESSAGE)) for (const it of line.slice(MESSAGE.length).split("\t")) listener.heard(parseLine(it));
  else if (line.startsWith(SUBSCRIBED)) listener.opened();
}

// A line longer than any event can be is no event stream.
const MAX_LINE = 2 * 1024 * 1024;

function splitter(take: (line: string) => void): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE) throw new Error("Cannot read the wire: a line is too long");
    for (const line of lines) take(line.endsWith("\r") ? line.slice(0, -1) : line);
  };
}
