import type { Log } from "./log.js";
import { parseLine, splitLines, type WireEvent } from "./wire.js";

export type ChannelListener = {
  /** The subscription is open: everything that is published from now on will arrive. */
  opened(): void;
  /** Receives each event; undefined for a line that cannot be parsed. */
  heard(event: WireEvent | undefined): void;
  /** Only one subscription is left after a rotation: nothing more can arrive out of order. */
  settled(): unknown;
  /** The subscription is lost: events may be missed until it is open again. */
  lost(): void;
};

// Node and proxies cut an idle event stream after 300 s, so the next one is opened well before.
const ROTATE_MS = 240_000;
// By then, everything has arrived that was sent on the old connection before the new one was open.
const OVERLAP_MS = 1_000;
// A subscription that is not open by then is abandoned.
const OPEN_MS = 5_000;
// Doubles up to two seconds, with full jitter, so that a store that returns is found soon and not overwhelmed.
const BACKOFF_MS = { first: 100, most: 2_000 };
// A subscription that lasted this long was healthy; the backoff starts again from the first delay.
const HEALTHY_MS = 10_000;

/** Keeps one subscription to the wire open until `close`. */
export class Channel {
  readonly #log: Pick<Log, "store" | "keys" | "logger">;
  readonly #listener: ChannelListener;
  readonly #connections = new Set<AbortController>();
  readonly #open = new Set<AbortController>();
  #failures = 0;
  #state: "new" | "open" | "closed" = "new";

  constructor(log: Pick<Log, "store" | "keys" | "logger">, listener: ChannelListener) {
    this.#log = log;
    this.#listener = listener;
  }

  /** Whether the subscription is open, as far as this end of the connection can know. */
  get live(): boolean {
    return this.#open.size > 0;
  }

  /** Whether two subscriptions are open, as during a rotation. One may then deliver an event before the other delivers its predecessor. */
  get overlapping(): boolean {
    return this.#open.size > 1;
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
    this.#open.clear();
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
    const timeout = setTimeout(() => connection.abort(), OPEN_MS).unref();
    const opened = () => {
      clearTimeout(timeout);
      if (!connection.signal.aborted) this.#opened(connection, old);
    };
    const heard = (event: WireEvent | undefined) => {
      if (this.#open.has(connection)) this.#listener.heard(event);
    };
    const { store, keys } = this.#log;
    const onText = splitter((line) => dispatch(line, keys.wire, { opened, heard }));
    void store.subscribe(keys.wire, onText, connection.signal).then(() => {
      clearTimeout(rotation);
      clearTimeout(timeout);
      this.#ended(connection, Date.now() - began);
    });
  }

  // The new connection is open before the old one is closed: dense numbers make the overlap harmless.
  #opened(connection: AbortController, old: AbortController | undefined): void {
    const before = this.live;
    this.#open.add(connection);
    setTimeout(() => old?.abort(), OVERLAP_MS).unref();
    if (!before) this.#listener.opened();
  }

  #ended(connection: AbortController, lasted: number): void {
    this.#connections.delete(connection);
    const wasOpen = this.#open.delete(connection);
    if (wasOpen && !this.live) this.#listener.lost();
    else if (wasOpen && !this.overlapping) this.#listener.settled();
    if (this.#connections.size > 0 || this.#state === "closed") return;
    this.#failures = lasted > HEALTHY_MS ? 0 : this.#failures + 1;
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

// No write publishes more than this, so a longer line is not part of an event stream.
const MAX_LINE = 2 * 1024 * 1024;

function splitter(onLine: (line: string) => void): (chunk: string) => void {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE) throw new Error("Cannot read the wire: a line is too long");
    for (const line of lines) onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
  };
}
