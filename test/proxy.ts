import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

type Direction = "up" | "down" | "both" | "none";

/** A TCP connection that can fail in every way there is. Up is from the client to the target. */
export type Between = {
  port: number;
  url: string;
  /** Resets all connections. */
  cut(): void;
  /** Resets new connections at once. */
  refuse(on: boolean): void;
  /** Swallows what is sent, ends and resets included, and keeps the sockets open: half-open. What was swallowed is lost. */
  stall(direction: Direction): void;
  /** Holds back what is sent; delivers it, in order, when let go. */
  freeze(on: boolean): void;
  /** Delivers everything so many milliseconds late. */
  delay(ms: number): void;
  stop(): Promise<void>;
};

/** Starts a proxy before a target, on a free port of 127.0.0.1. */
export async function proxy(target: { host: string; port: number }): Promise<Between> {
  const weather = new Weather();
  const sockets = new Set<Socket>();
  let refusing = false;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ ...target, allowHalfOpen: true, noDelay: true });
    for (const socket of [client, upstream]) sockets.add(socket.once("close", () => sockets.delete(socket)));
    forward(client, upstream, weather.path("up"));
    forward(upstream, client, weather.path("down"));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    cut,
    refuse(on) {
      refusing = on;
    },
    stall: (direction) => weather.stall(direction),
    freeze: (on) => weather.freeze(on),
    delay: (ms) => weather.delay(ms),
    async stop() {
      const closed = once(server, "close");
      server.close();
      cut();
      await closed;
    },
  };
}

/** Does something to the other side now, later, or never. */
type Path = (action: () => void) => void;

/** What befalls everything that is on its way. */
class Weather {
  #stalled: Direction = "none";
  #frozen = false;
  #delay = 0;
  #held: (() => void)[] = [];

  stall(direction: Direction): void {
    this.#stalled = direction;
  }

  freeze(on: boolean): void {
    this.#frozen = on;
    if (on) return;
    const held = this.#held;
    this.#held = [];
    for (const action of held) action();
  }

  delay(ms: number): void {
    this.#delay = ms;
  }

  /** Makes the path of one connection in one direction: whatever happens, nothing on it overtakes. */
  path(direction: "up" | "down"): Path {
    let queued = Promise.resolve();
    let waiting = 0;
    return (action) => {
      if (this.#stalled === direction || this.#stalled === "both") return;
      if (waiting === 0 && this.#delay === 0) return this.#arrive(action);
      const due = performance.now() + this.#delay;
      waiting++;
      queued = queued.then(async () => {
        await delay(Math.max(0, due - performance.now()));
        waiting--;
        this.#arrive(action);
      });
    };
  }

  #arrive(action: () => void): void {
    if (this.#frozen) this.#held.push(action);
    else action();
  }
}

function forward(from: Socket, to: Socket, path: Path): void {
  from.on("data", (chunk) => path(() => to.write(chunk)));
  from.on("end", () => path(() => to.end()));
  from.on("error", () => path(() => to.resetAndDestroy()));
  from.on("close", () => path(() => to.destroySoon()));
}
