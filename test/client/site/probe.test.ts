import { once } from "node:events";
import { createServer, request } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { clock } from "../../../lib/client/environment/backoff.js";
import { probe } from "../../../lib/client/follow/probe.js";
import { Session } from "../../../lib/client/session.js";
import { onPath } from "../../../local/redis.js";
import { nginx } from "../../support/nginx.js";
import { type Outsider, outsider, somebody } from "../../support/outsider.js";
import { type Between, proxy } from "../../support/proxy.js";
import { type Site, site } from "../../support/site.js";

// The SDK in Node, on paths of every kind; the times that a path allows are a tenth of what they are elsewhere.
const WAITS = [1, 3];

let server: Site;
let ann: Outsider;
let ben: Outsider;
const sessions: Session[] = [];
beforeAll(async () => {
  const store = inject("bridge");
  if (store === undefined) throw new Error("Cannot test without a store");
  server = await site(store);
});
afterEach(() => {
  for (const session of sessions.splice(0)) session.close();
});
afterAll(() => server?.stop());

const place = () => {
  const { hostname, port } = new URL(server.url);
  return { host: hostname === "localhost" ? "127.0.0.1" : hostname, port: Number(port) };
};

/** Connects Ann by a path, and notes what she hears. */
async function connected(url: string) {
  [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
  const { token, cursor, entity } = ann;
  const session = new Session({ url, token: { token, cursor, actor: { id: entity } } }, clock);
  sessions.push(session);
  const heard: unknown[] = [];
  session.events.on("message", ({ message }) => heard.push(message.text));
  await expect.poll(() => session.state, { timeout: 10_000 }).toBe("online");
  const { stream } = session;
  if (stream === undefined) throw new Error("Cannot follow");
  return { session, heard, report: () => probe(stream, WAITS, 1) };
}

describe("report()", () => {
  it("finds that a clean path allows streams and any wait, and then follows a live stream", async () => {
    const between = await proxy(place());
    const { session, heard, report } = await connected(between.url);
    expect(await report()).toMatchObject({
      mode: "live",
      wait: 3,
      stream: "streams",
      holds: [
        { wait: 1, lived: true },
        { wait: 3, lived: true },
      ],
      headers: { authorization: true, accept: true, contentType: true, contentLength: true },
    });
    const texts = Array.from({ length: 20 }, (_, i) => `no ${i}`);
    for (const [i, text] of texts.entries()) {
      await ben.say({ to: [ann.entity], text });
      // A stream that is held open may die at any time.
      if (i === 10) between.cut();
    }
    await expect.poll(() => heard, { timeout: 20_000 }).toEqual(texts);
    expect(session.tracker.counts).toMatchObject({ breaks: 0, holes: 0, repeats: 0, resyncs: 0 });
    session.close();
    await between.stop();
  });

  it("finds how long a path lets a request be silent", async () => {
    const between = await proxy(place());
    between.idle(2_000);
    const { report } = await connected(between.url);
    expect(await report()).toMatchObject({
      mode: "long-poll",
      wait: 1,
      holds: [
        { wait: 1, lived: true },
        { wait: 3, lived: false },
      ],
    });
    await between.stop();
  });

  it("finds which headers a path removes", async () => {
    const stripping = await stripper(place());
    const { report } = await connected(stripping.url);
    expect(await report()).toMatchObject({
      mode: "long-poll",
      wait: 3,
      stream: "buffers",
      headers: { authorization: false, accept: false, contentType: false, contentLength: false },
    });
    stripping.stop();
  });

  it.skipIf(!onPath("nginx"))("finds that nginx, as it is installed, buffers", async () => {
    const front = await nginx(server.url.replace("localhost", "127.0.0.1"));
    const { heard, report } = await connected(front.url);
    expect(await report()).toMatchObject({
      mode: "long-poll",
      wait: 3,
      stream: "buffers",
      headers: { authorization: true, accept: true, contentType: true, contentLength: true },
    });
    await ben.say({ to: [ann.entity], text: "hi" });
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(["hi"]);
    await front.stop();
  });
});

describe("a path that kills what is silent", () => {
  let between: Between;
  beforeAll(async () => {
    between = await proxy(place());
  });
  afterAll(() => between?.stop());

  it("loses no message, and makes the client hold polls for a shorter time", async () => {
    between.idle(2_500);
    const { session, heard } = await connected(between.url);
    await expect.poll(() => session.stream?.context.path.wait, { timeout: 20_000 }).toBeLessThan(25);
    await ben.say({ to: [ann.entity], text: "hi" });
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(["hi"]);
    await expect.poll(() => session.stream?.context.path.mode, { timeout: 20_000 }).toBe("short-poll");
    await ben.say({ to: [ann.entity], text: "ho" });
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(["hi", "ho"]);
    expect(session.tracker.counts).toMatchObject({ breaks: 0, holes: 0, repeats: 0 });
  });
});

/** Starts a proxy that hands on next to no headers, and collects an answer before it does. */
async function stripper(target: { host: string; port: number }): Promise<{ url: string; stop(): void }> {
  const proxied = createServer((asked, answered) => {
    const { method, url: path } = asked;
    const upstream = request({ ...target, method, path }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      answered.writeHead(response.statusCode ?? 502);
      // In pieces, so that no length is told.
      answered.write(Buffer.concat(chunks));
      answered.end();
    });
    upstream.on("error", () => answered.destroy());
    asked.pipe(upstream);
  });
  await once(proxied.listen(0, "127.0.0.1"), "listening");
  const address = proxied.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    stop() {
      proxied.close();
      proxied.closeAllConnections();
    },
  };
}
