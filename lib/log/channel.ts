import type { Log } from "./log.js";
import { parseLine, splitLines, type WireEvent } from "./wire.js";

export type ChannelListener = {
  /** The subscription stands: whatever is published from now on will arrive. */
  opened(): void;
  /** Is given each event; undefined for a line that cannot be read. */
  heard(event: WireEvent | undefined): void;
  /** Only one subscription is left after a rotation: nothing more can arrive out of order. */
  settled(): void;
  /** The subscription fell: events may be missed until it stands again. */
  lost(): void;
};

// An idle event stream is cut at 300 s by Node and by proxies: the next one is opened well before.
const ROTATE_MS = 240_000;
// What was sent down the old connection before the new one stood has arrived by then.
const OVERLAP_MS = 1_000;
// A subscription that does not stand by then never will.
const STAND_MS = 5_000;
// Doubles up to two seconds, with full jitter, so that a returning store is found soon and not trampled.
const BACKOFF_MS = { first: 100, most: 2_000 };
// A subscription that stood this long was sound; its end starts the backoff anew.
const SOUND_MS = 10_000;

/** Keeps one subscription to the wire until it is closed. */
export class Channel {
  readonly #log: Pick<Log, "store" | "keys" | "logger">;
  readonly #listener: ChannelListener;
  readonly #connections = new Set<AbortController>();
  readonly #standing = new Set<AbortController>();
  #failures = 0;
  #state: "new" | "open" | "closed" = "new";

  constructor(log: Pick<Log, "store" | "keys" | "logger">, listener: ChannelListener) {
    this.#log = log;
    this.#listener = listener;
  }

  /** Whether the subscription stands, as far as can be told from here. */
  get live(): boolean {
    return this.#standing.size > 0;
  }

  /** Whether two subscriptions stand, as during a rotation. One may then deliver an event before the other delivers its predecessor. */
  get overlapping(): boolean {
    return this.#standing.size > 1;
  }

  open(): void {
    if (this.#state !== "new") return;
    this.#state = "open";
    this.#connect();
  }

  /** Drops the subscription at once; another one is opened after the backoff. */
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
    const heard = (event: WireEvent | undefined) => {
      if (this.#standing.has(connection)) this.#listener.heard(event);
    };
    const { store, keys } = this.#log;
    const take = splitter((line) => dispatch(line, keys.wire, { opened, heard }));
    void store.subscribe(keys.wire, take, connection.signal).then(() => {
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
    else if (stood && !this.overlapping) this.#listener.settled();
    if (this.#connections.size > 0 || this.#state === "closed") return;
    this.#failures = lasted > SOUND_MS ? 0 : this.#failures + 1;
    this.#log.logger.info("wire_lost", { after_ms: lasted, failures: this.#failures });
    const most = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** this.#failures);
    setTimeout(() => this.#state === "open" && this.#connect(), Math.random() * most).unref();
  }
}

function dispatch(line: string, wire: string, listener: Pick<ChannelListener, "opened" | "heard">): void {
  const message = `data: message,${wire},`;
  if (line.startsWith(message)) for (const it of splitLines(line.slice(message.length))) listener.heard(parseLine(it));
  else if (line.startsWith(`data: subscribe,${wire},`)) listener.opened();
}

// A line longer than any write can publish is no event stream.
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
