import type { ServerResponse } from "node:http";
import { createClient } from "redis";

type Channel = {
  /** Resolves when Redis has confirmed the subscription; rejects if it could not. */
  confirmed: Promise<void>;
  streams: Set<ServerResponse>;
  waiting: number;
  listener: (payload: string) => void;
};

/** Event streams of channels, over one connection to Redis. When that is lost, every stream ends, so that clients notice. */
export class Subscriptions {
  readonly #url: string;
  readonly #channels = new Map<string, Channel>();
  readonly #heartbeat: NodeJS.Timeout | undefined;
  #client: ReturnType<typeof subscriber> | undefined;

  constructor(url: string, heartbeatMs: number | undefined) {
    this.#url = url;
    if (heartbeatMs !== undefined) this.#heartbeat = setInterval(() => this.#beat(), heartbeatMs);
  }

  /** Streams a channel to a response, from when Redis has confirmed the subscription. If that fails, rejects and writes nothing. */
  async open(name: string, response: ServerResponse): Promise<void> {
    const channel = this.#channels.get(name) ?? this.#subscribe(name);
    channel.waiting++;
    try {
      await channel.confirmed;
    } finally {
      channel.waiting--;
    }
    if (response.destroyed) return this.#release(name, channel);
    if (this.#channels.get(name) !== channel) throw new Error("Cannot subscribe: the connection was lost");
    response.once("close", () => {
      channel.streams.delete(response);
      this.#release(name, channel);
    });
    channel.streams.add(response);
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    response.write(`data: subscribe,${name},1\n\n`);
  }

  stop(): void {
    clearInterval(this.#heartbeat);
    this.#lose(this.#client);
  }

  #subscribe(name: string): Channel {
    const streams = new Set<ServerResponse>();
    const listener = (payload: string) => {
      const frame = `data: message,${name},${payload}\n\n`;
      for (const stream of streams) stream.write(frame);
    };
    const confirmed = this.#connected().then((client) => client.subscribe(name, listener));
    const channel = { confirmed, streams, waiting: 0, listener };
    this.#channels.set(name, channel);
    confirmed.catch(() => {
      if (this.#channels.get(name) === channel) this.#channels.delete(name);
    });
    return channel;
  }

  #release(name: string, channel: Channel): void {
    if (channel.streams.size > 0 || channel.waiting > 0 || this.#channels.get(name) !== channel) return;
    this.#channels.delete(name);
    // With the listener: without it, the client would also end a new subscription to the same channel.
    this.#client?.then((client) => client.unsubscribe(name, channel.listener)).catch(() => {});
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
