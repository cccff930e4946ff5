import type { ServerResponse } from "node:http";
import { createClient } from "redis";

/** A subscription to one channel by its name, or to all channels that match a pattern. */
export type SubscriptionKind = "subscribe" | "psubscribe";

type Channel = {
  /** Resolves when Redis has confirmed the subscription; rejects if it could not. */
  confirmed: Promise<void>;
  streams: Set<ServerResponse>;
  waiting: number;
  listener: (payload: string, channel: string) => void;
};

/** Event streams of channels and of patterns of channels, over one connection to Redis. When that is lost, every stream ends, so that clients notice. */
export class Subscriptions {
  readonly #url: string;
  readonly #channels = new Map<string, Channel>();
  readonly #heartbeat: NodeJS.Timeout | undefined;
  #client: ReturnType<typeof subscriber> | undefined;

  constructor(url: string, heartbeatMs: number | undefined) {
    this.#url = url;
    if (heartbeatMs !== undefined) this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
  }

  /** Streams a channel, or all that match a pattern, to a response, from when Redis has confirmed the subscription. If that fails, rejects and writes nothing. */
  async open(kind: SubscriptionKind, name: string, response: ServerResponse): Promise<void> {
    const key = `${kind} ${name}`;
    const channel = this.#channels.get(key) ?? this.#subscribe(kind, name);
    channel.waiting++;
    try {
      await channel.confirmed;
    } finally {
      channel.waiting--;
    }
    if (response.destroyed) return this.#release(kind, name, channel);
    if (this.#channels.get(key) !== channel) throw new Error("Cannot subscribe: the connection was lost");
    response.once("close", () => {
      channel.streams.delete(response);
      this.#release(kind, name, channel);
    });
    channel.streams.add(response);
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    response.write(`data: ${kind},${name},1\n\n`);
  }

  stop(): void {
    clearInterval(this.#heartbeat);
    this.#lose(this.#client);
  }

  #subscribe(kind: SubscriptionKind, name: string): Channel {
    const key = `${kind} ${name}`;
    const streams = new Set<ServerResponse>();
    const listener = (payload: string, channel: string) => {
      const origin = kind === "subscribe" ? `message,${name}` : `pmessage,${name},${channel}`;
      const frame = `data: ${origin},${payload}\n\n`;
      for (const stream of streams) stream.write(frame);
    };
    const confirmed = this.#connected().then((client) =>
      kind === "subscribe" ? client.subscribe(name, listener) : client.pSubscribe(name, listener),
    );
    const channel = { confirmed, streams, waiting: 0, listener };
    this.#channels.set(key, channel);
    confirmed.catch(() => {
      if (this.#channels.get(key) === channel) this.#channels.delete(key);
    });
    return channel;
  }

  #release(kind: SubscriptionKind, name: string, channel: Channel): void {
    const key = `${kind} ${name}`;
    if (channel.streams.size > 0 || channel.waiting > 0 || this.#channels.get(key) !== channel) return;
    this.#channels.delete(key);
    // With the listener: without it, the client would also end a new subscription to the same channel.
    const ending = this.#client?.then((client) =>
      kind === "subscribe" ? client.unsubscribe(name, channel.listener) : client.pUnsubscribe(name, channel.listener),
    );
    ending?.catch(() => {});
  }

  #connected(): ReturnType<typeof subscriber> {
    if (this.#client === undefined) {
      const client = subscriber(this.#url, () => this.#lose(client));
      client.catch(() => this.#lose(client));
      this.#client = client;
    }
    return this.#client;
  }

  #lose(client: ReturnType<typeof subscriber> | undefined): void {
    if (client === undefined || this.#client !== client) return;
    this.#client = undefined;
    client.then((it) => it.destroy()).catch(() => {});
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    for (const { streams } of channels) for (const stream of streams) stream.end();
  }

  #beat(): void {
    for (const { streams } of this.#channels.values()) for (const stream of streams) stream.write(": heartbeat\n\n");
  }
}

// No reconnect: messages published meanwhile are lost, so every stream has to start again anyway.
async function subscriber(url: string, lost: () => void) {
  const client = createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    pingInterval: 2_000,
    socket: { connectTimeout: 1_000, socketTimeout: 5_000, reconnectStrategy: false },
  });
  client.on("error", lost);
  await client.connect();
  return client;
}
