import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Between, proxy } from "./proxy.js";

let echo: Server;
let between: Between;

beforeEach(async () => {
  echo = createServer((socket) => socket.on("error", () => {}).pipe(socket));
  await once(echo.listen(0, "127.0.0.1"), "listening");
  const address = echo.address();
  between = await proxy({
    host: "127.0.0.1",
    port: address !== null && typeof address === "object" ? address.port : 0,
  });
});

afterEach(async () => {
  await between.stop();
  echo.close();
});

async function dial() {
  const socket = connect(between.port, "127.0.0.1");
  const state = { heard: "", error: "", ended: false };
  socket.on("data", (chunk) => {
    state.heard += chunk;
  });
  socket.on("error", (error) => {
    state.error = error.message;
  });
  socket.on("end", () => {
    state.ended = true;
  });
  await once(socket, "connect");
  return { socket, state };
}

test("bytes and ends pass through", async () => {
  const { socket, state } = await dial();
  socket.write("hello");
  await expect.poll(() => state.heard).toBe("hello");
  socket.end(", bye");
  await expect.poll(() => state).toEqual({ heard: "hello, bye", error: "", ended: true });
});

test("a cut resets what is open and lets new connections in", async () => {
  const { state } = await dial();
  between.cut();
  await expect.poll(() => state.error).toMatch(/ECONNRESET/);
  const { socket: next, state: nextState } = await dial();
  next.write("again");
  await expect.poll(() => nextState.heard).toBe("again");
});

test("while refusing, only new connections fail", async () => {
  const { socket, state } = await dial();
  between.refuse(true);
  const refused = connect(between.port, "127.0.0.1");
  const [error] = await once(refused, "error");
  expect(error).toMatchObject({ code: "ECONNRESET" });
  socket.write("still");
  await expect.poll(() => state.heard).toBe("still");
  between.refuse(false);
  const { socket: next, state: nextState } = await dial();
  next.write("in");
  await expect.poll(() => nextState.heard).toBe("in");
});

test("a stall swallows one direction and keeps the socket open", async () => {
  const { socket, state } = await dial();
  for (const direction of ["up", "down", "both"] as const) {
    between.stall(direction);
    socket.write("lost");
  }
  await delay(50);
  expect(state).toEqual({ heard: "", error: "", ended: false });
  between.stall("none");
  socket.write("found");
  await expect.poll(() => state.heard).toBe("found");
});

test("a freeze holds bytes back and delivers them in order", async () => {
  const { socket, state } = await dial();
  between.freeze(true);
  socket.write("one ");
  socket.write("two ");
  await delay(50);
  expect(state.heard).toBe("");
  between.freeze(false);
  socket.write("three");
  await expect.poll(() => state.heard).toBe("one two three");
});

test("a delay makes bytes late and never reorders them", async () => {
  const { socket, state } = await dial();
  between.delay(100);
  const began = performance.now();
  socket.write("slow ");
  await delay(20);
  between.delay(0);
  socket.write("quick");
  await expect.poll(() => state.heard, { interval: 5 }).not.toBe("");
  expect(performance.now() - began).toBeGreaterThan(95);
  await expect.poll(() => state.heard).toBe("slow quick");
});

test("a throttled connection carries so many bytes a second", async () => {
  const { socket, state } = await dial();
  between.throttle(1_000);
  const began = performance.now();
  socket.write("x".repeat(100));
  await expect.poll(() => state.heard.length).toBe(100);
  // Up and down.
  expect(performance.now() - began).toBeGreaterThanOrEqual(190);
});

test("a half-closed connection has heard its end, and still sends", async () => {
  let sent = "";
  echo.on("connection", (socket) =>
    socket.on("data", (piece) => {
      sent += piece;
    }),
  );
  const socket = connect({ port: between.port, host: "127.0.0.1", allowHalfOpen: true });
  await once(socket, "connect");
  const ended = once(socket.resume(), "end");
  socket.write("one ");
  await expect.poll(() => sent).toBe("one ");
  between.halfClose();
  await ended;
  socket.write("two");
  await expect.poll(() => sent).toBe("one two");
  socket.destroy();
});

test("an answer that is lost resets its connection, when the target has heard the question", async () => {
  let heard = "";
  echo.on("connection", (socket) =>
    socket.on("data", (piece) => {
      heard += piece;
    }),
  );
  const [first, second] = [await dial(), await dial()];
  between.lose(1, /^lose/);
  second.socket.write("keep me");
  await expect.poll(() => second.state.heard).toBe("keep me");
  first.socket.write("lose me");
  await expect.poll(() => first.state).toMatchObject({ heard: "", error: expect.stringMatching(/ECONNRESET/) });
  expect(heard).toContain("lose me");
});

test("of a connection that is known by its beginning, one piece is swallowed, or everything", async () => {
  let sent = "";
  echo.on("connection", (socket) =>
    socket.on("data", (piece) => {
      sent += piece;
    }),
  );
  const { socket, state } = await dial();
  socket.write("SUBSCRIBE;");
  await expect.poll(() => state.heard).toBe("SUBSCRIBE;");
  between.swallow(1, /^SUBSCRIBE/);
  socket.write("lost;");
  await expect.poll(() => sent).toBe("SUBSCRIBE;lost;");
  await delay(50);
  socket.write("found;");
  await expect.poll(() => state.heard).toBe("SUBSCRIBE;found;");
  between.stall("down", /^SUBSCRIBE/);
  socket.write("lost;");
  const { socket: other, state: otherState } = await dial();
  other.write("other");
  await expect.poll(() => otherState.heard).toBe("other");
  expect(state.heard).toBe("SUBSCRIBE;found;");
});

test("a new aim is for new connections", async () => {
  const { socket, state } = await dial();
  between.aim({ host: "127.0.0.1", port: 1 });
  socket.write("still");
  await expect.poll(() => state.heard).toBe("still");
  const { state: nextState } = await dial();
  await expect.poll(() => nextState.error).toMatch(/ECONNRESET/);
});

/** Sends what a server would say, through the echo. */
const HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

test("a body without a length is held back until there is enough of it, or its end", async () => {
  const { socket, state } = await dial();
  between.holdBack(100);
  for (const piece of [HEAD, "1\r\na\r\n"]) {
    socket.write(piece);
    await delay(20);
  }
  expect(state.heard).toBe("");
  socket.write(`40\r\n${"b".repeat(64)}\r\n`);
  await expect.poll(() => state.heard.length).toBeGreaterThan(100);
  between.holdBack(Number.POSITIVE_INFINITY);
  socket.write("1\r\nc\r\n");
  await delay(20);
  expect(state.heard).not.toContain("c\r\n");
  socket.write("0\r\n\r\n");
  await expect.poll(() => state.heard).toMatch(/1\r\nc\r\n0\r\n\r\n$/);
  // What has a length passes.
  socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  await expect.poll(() => state.heard).toMatch(/ok$/);
  socket.write(HEAD);
  await delay(20);
  expect(state.heard).toMatch(/ok$/);
  between.holdBack(0);
  await expect.poll(() => state.heard.endsWith(HEAD)).toBe(true);
});

test("a body without a length is cut off at an age, another one is not", async () => {
  const [stream, bounded] = [await dial(), await dial()];
  between.curtail(100);
  stream.socket.write(HEAD);
  bounded.socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  await expect.poll(() => stream.state.error).toMatch(/ECONNRESET/);
  expect(bounded.state.error).toBe("");
});
