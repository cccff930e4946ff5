import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { Body, HeldBack } from "./held-back.js";

type Direction = "up" | "down" | "both" | "none";
type Target = { host: string; port: number };

/**
 * A TCP connection that can fail in every way there is. Up is from the client to the target. Where `which` can be named, only
 * those connections are meant whose first bytes upwards look like it.
 */
export type Between = {
  port: number;
  url: string;
  /** Resets all connections. */
  cut(): void;
  /** Resets new connections at once. */
  refuse(on: boolean): void;
  /** Swallows what is sent, ends and resets included, and keeps the sockets open: half-open. What was swallowed is lost. */
  stall(direction: Direction, which?: RegExp): void;
  /** Holds back what is sent; delivers it, in order, when let go. */
  freeze(on: boolean): void;
  /** Resets connections on which nothing was sent for so long; new ones, from now on. */
  idle(ms: number): void;
  /** Delivers everything so many milliseconds late. */
  delay(ms: number): void;
  /** Lets each connection carry so many bytes a second in each direction; 0 for any. */
  throttle(bytesPerSecond: number): void;
  /** Ends the way down of all connections, the way up stays open. */
  halfClose(): void;
  /** Resets the next connections on which the target says something, in place of what it says: the work was done, the answer is lost. */
  lose(answers: number, which?: RegExp): void;
  /** Swallows the next pieces that come down, and nothing after them. */
  swallow(pieces: number, which?: RegExp): void;
  /** Holds back bodies without a length until so many bytes wait, or the body ends; 0 holds back nothing. */
  holdBack(bytes: number): void;
  /** Resets connections on which a body without a length is so old, of those that begin from now on; 0 resets none. */
  curtail(ms: number): void;
  /** Sends new connections to another target. */
  aim(target: Target): void;
  stop(): Promise<void>;
};

/** Starts a proxy before a target, on a free port of 127.0.0.1. */
export async function proxy(target: Target): Promise<Between> {
  const weather = new Weather();
  const lines = new Set<Line>();
  let aimed = target;
  let refusing = false;
  let idle = 0;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ ...aimed, allowHalfOpen: true, noDelay: true });
    const line: Line = { client, upstream, opening: "" };
    lines.add(line);
    client.setTimeout(idle, () => reset(line));
    client.once("close", () => upstream.closed && lines.delete(line));
    upstream.once("close", () => client.closed && lines.delete(line));
    forward(client, upstream, weather.path("up", line));
    forward(upstream, client, weather.path("down", line));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const cut = () => {
    for (const line of lines) reset(line);
  };
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    cut,
    refuse(on) {
      refusing = on;
    },
    stall: (direction, which = ANY) => weather.stall(direction, which),
    freeze: (on) => weather.freeze(on),
    delay: (ms) => weather.delay(ms),
    throttle: (bytesPerSecond) => weather.throttle(bytesPerSecond),
    halfClose() {
      for (const { client } of lines) client.end();
    },
    lose: (answers, which = ANY) => weather.lose(answers, which),
    swallow: (pieces, which = ANY) => weather.swallow(pieces, which),
    holdBack: (bytes) => weather.holdBack(bytes),
    curtail: (ms) => weather.curtail(ms),
    idle(ms) {
      idle = ms;
    },
    aim(next) {
      aimed = next;
    },
    async stop() {
      const closed = once(server, "close");
      server.close();
      cut();
      await closed;
    },
  };
}

/** One connection, and how what was sent up it began. */
type Line = { client: Socket; upstream: Socket; opening: string };

// Enough to tell a request by its first line.
const OPENING = 64;
const ANY = /^/;

function reset({ client, upstream }: Line): void {
  client.resetAndDestroy();
  upstream.resetAndDestroy();
}

/** Does something to the other side now, later, or never; `piece` is what it brings, if it brings something. */
type Path = (action: () => void, piece?: Buffer) => void;

/** So many of something on some connections. */
type Share = { left: number; which: RegExp };

/** What befalls everything that is on its way. */
class Weather {
  #stalled: { direction: Direction; which: RegExp } = { direction: "none", which: ANY };
  #frozen = false;
  #delay = 0;
  #rate = 0;
  #lost: Share = { left: 0, which: ANY };
  #swallowed: Share = { left: 0, which: ANY };
  #held: (() => void)[] = [];
  #bytes = 0;
  #age = 0;
  /** What waits on each connection until there are so many bytes of it. */
  readonly #back = new Set<HeldBack>();

  stall(direction: Direction, which: RegExp): void {
    this.#stalled = { direction, which };
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

  throttle(bytesPerSecond: number): void {
    this.#rate = bytesPerSecond;
  }

  lose(left: number, which: RegExp): void {
    this.#lost = { left, which };
  }

  swallow(left: number, which: RegExp): void {
    this.#swallowed = { left, which };
  }

  holdBack(bytes: number): void {
    this.#bytes = bytes;
    for (const back of this.#back) back.release();
    this.#back.clear();
  }

  curtail(ms: number): void {
    this.#age = ms;
  }

  /** Makes the path of one connection in one direction: whatever happens, nothing on it overtakes. */
  path(direction: "up" | "down", line: Line): Path {
    const path = this.#path(direction, line);
    if (direction === "up") return path;
    const [body, back] = [new Body(), new HeldBack()];
    return (action, piece) => {
      const before = body.response;
      const isPart = piece !== undefined && body.take(piece);
      if (body.isOpen && body.response > before && this.#age > 0) this.#end(line, body, this.#age);
      if (back.isEmpty && !(isPart && this.#bytes > 0)) return path(action, piece);
      const waiting = back.add(() => path(action, piece), piece?.length ?? 0);
      this.#back.add(back);
      if (piece !== undefined && body.isOpen && waiting < this.#bytes) return;
      back.release();
      this.#back.delete(back);
    };
  }

  #end(line: Line, body: Body, ms: number): void {
    const { response } = body;
    setTimeout(() => body.isOpen && body.response === response && reset(line), ms).unref();
  }

  #path(direction: "up" | "down", line: Line): Path {
    let queued = Promise.resolve();
    let waiting = 0;
    let free = 0;
    return (action, piece) => {
      if (direction === "up" && piece && line.opening.length < OPENING) line.opening += piece.subarray(0, OPENING);
      if (this.#stalls(direction, line)) return;
      if (direction === "down" && piece && takes(this.#swallowed, line)) return;
      if (direction === "down" && piece && takes(this.#lost, line)) return reset(line);
      if (waiting === 0 && this.#delay === 0 && this.#rate === 0) return this.#arrive(action);
      const now = performance.now();
      free = Math.max(free, now) + (this.#rate === 0 ? 0 : ((piece?.length ?? 0) * 1_000) / this.#rate);
      const due = free + this.#delay;
      waiting++;
      queued = queued.then(async () => {
        await delay(Math.max(0, due - performance.now()));
        waiting--;
        this.#arrive(action);
      });
    };
  }

  #stalls(direction: "up" | "down", { opening }: Line): boolean {
    const stalled = this.#stalled;
    return (stalled.direction === direction || stalled.direction === "both") && stalled.which.test(opening);
  }

  #arrive(action: () => void): void {
    if (this.#frozen) this.#held.push(action);
    else action();
  }
}

function takes(share: Share, { opening }: Line): boolean {
  if (share.left === 0 || !share.which.test(opening)) return false;
  share.left--;
  return true;
}

function forward(from: Socket, to: Socket, path: Path): void {
  from.on("data", (piece) => path(() => to.write(piece), piece));
  from.on("end", () => path(() => to.end()));
  from.on("error", () => path(() => to.resetAndDestroy()));
  from.on("close", () => path(() => to.destroySoon()));
}
