import { afterAll, beforeAll, describe, expect, inject, it, type TestContext, vi } from "vitest";
import { clock } from "../../../lib/client/environment/backoff.js";
import { Session } from "../../../lib/client/session.js";
import { onPath } from "../../../local/redis.js";
import { haproxy } from "../../support/haproxy.js";
import { httpProxy } from "../../support/http-proxy.js";
import { nginx } from "../../support/nginx.js";
import { type Outsider, outsider, somebody } from "../../support/outsider.js";
import { proxy } from "../../support/proxy.js";
import { type Site, site } from "../../support/site.js";
import { squid } from "../../support/squid.js";

// The SDK in Node follows a stream through proxies of every kind, real ones where they are installed.

let server: Site;
beforeAll(async () => {
  const store = inject("bridge");
  if (store === undefined) throw new Error("Cannot test without a store");
  server = await site(store);
});
afterAll(() => server?.stop());

const target = () => ({ host: "127.0.0.1", port: Number(new URL(server.url).port) });

// What tests that run at the same time wait for.
const until = (check: () => void) => vi.waitFor(check, { timeout: 15_000, interval: 5 });

type Front = { url: string; stop(): unknown };

// A message that no poll would delay. A trial of streams takes two seconds at most; machines are slow at times.
const SLACK_MS = 900;
const TRIAL_MS = 2_000;

/** Connects Ann through a proxy and has Ben write to her. */
async function through(front: Front, { onTestFinished }: TestContext) {
  const [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
  const { token, cursor, entity } = ann;
  // So that no message has to create a thread first.
  await ben.say({ to: [entity], text: "before" });
  const session = new Session({ url: front.url, token: { token, cursor, actor: { id: entity } } }, clock);
  onTestFinished(async () => {
    session.close();
    await front.stop();
  });
  const heard: unknown[] = [];
  session.events.on("message", ({ message }) => heard.push(message.text));
  await until(() => expect(heard).toEqual(["before"]));
  let count = 0;
  /** Has Ben write, and returns after how many ms Ann hears it. */
  const lateness = async (by: Outsider = ben) => {
    const text = `no ${++count}`;
    await by.say({ to: [entity], text });
    const began = performance.now();
    await until(() => expect(heard.at(-1)).toBe(text));
    return performance.now() - began;
  };
  const whole = () => {
    expect(heard).toEqual(["before", ...Array.from({ length: count }, (_, i) => `no ${i + 1}`)]);
    expect(session.tracker.counts).toMatchObject({ breaks: 0, holes: 0, repeats: 0, resyncs: 0 });
  };
  const path = () => session.stream?.context.path;
  return {
    session,
    lateness,
    whole,
    mode: () => path()?.mode,
    path,
    pause: (ms: number) => clock.wait(ms, session.deployment.closed),
  };
}

/** Expects that the first message is late by a trial at most, later ones not at all, and what is used in the end. */
async function expectMode(front: Front, mode: "live" | "long-poll", test: TestContext) {
  const it = await through(front, test);
  expect(await it.lateness()).toBeLessThan(TRIAL_MS + SLACK_MS);
  await until(() => expect(it.mode()).toBe(mode));
  for (let i = 0; i < 4; i++) {
    await it.pause(i * 300);
    expect(await it.lateness()).toBeLessThan(SLACK_MS);
  }
  expect(it.mode()).toBe(mode);
  it.whole();
}

// What nginx receives is passed on as it comes all the same, unless something else holds it back.
const BUFFERING = "proxy_http_version 1.1; proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;";

describe.concurrent("the client follows live", () => {
  it("where nothing is in the way", (test) => expectMode({ url: server.url, stop: () => undefined }, "live", test));

  it.skipIf(!onPath("haproxy"))("through HAProxy", async (test) =>
    expectMode(await haproxy(target(), 60), "live", test),
  );

  it.skipIf(!onPath("squid"))("through Squid", async (test) => expectMode(await squid(target()), "live", test));

  it.skipIf(!onPath("nginx"))("through nginx that speaks HTTP/1.1 and obeys X-Accel-Buffering", async (test) =>
    expectMode(await nginx(`http://127.0.0.1:${target().port}`, "proxy_http_version 1.1;"), "live", test),
  );
});

describe.concurrent("the client polls", () => {
  it.skipIf(!onPath("nginx"))("behind nginx as it is installed, which speaks HTTP/1.0", async (test) =>
    expectMode(await nginx(`http://127.0.0.1:${target().port}`), "long-poll", test),
  );

  it.skipIf(!onPath("nginx"))("behind nginx that compresses what it buffers", async (test) => {
    const settings = `${BUFFERING} gzip on; gzip_types text/event-stream; gzip_min_length 0;`;
    await expectMode(await nginx(`http://127.0.0.1:${target().port}`, settings), "long-poll", test);
  });

  it("behind a proxy that holds back until there are 4 kB", async (test) => {
    const flushes = (waiting: number) => waiting >= 4_096;
    await expectMode(await httpProxy(target(), { flushes }), "long-poll", test);
  });

  it("behind a proxy that passes on the first bytes, and holds back what follows", async (test) => {
    const flushes = (_: number, passed: number) => passed === 0;
    await expectMode(await httpProxy(target(), { flushes }), "long-poll", test);
  });

  it("behind a proxy that removes Accept", async (test) => {
    const asked = ({ accept: _, ...headers }: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `${value}`]));
    await expectMode(await httpProxy(target(), { asked }), "long-poll", test);
  });

  it.skipIf(!onPath("haproxy"))("behind HAProxy that ends what is silent for 3 s, after two streams", async (test) => {
    const it = await through(await haproxy(target(), 3), test);
    for (let i = 0; i < 3; i++) expect(await it.lateness()).toBeLessThan(SLACK_MS);
    await until(() => expect(it.mode()).toBe("long-poll"));
    expect(await it.lateness()).toBeLessThan(SLACK_MS);
    it.whole();
  });

  it("behind a proxy that ends each response after 10 s, after two streams, without losing a message", async (test) => {
    const between = await proxy(target());
    between.curtail(10_000);
    const it = await through(between, test);
    const began = Date.now();
    while (it.mode() === "live" && Date.now() - began < 40_000) {
      expect(await it.lateness()).toBeLessThan(SLACK_MS);
      await it.pause(500);
    }
    expect(it.mode()).toBe("long-poll");
    expect(Date.now() - began).toBeGreaterThan(19_000);
    for (let i = 0; i < 3; i++) expect(await it.lateness()).toBeLessThan(SLACK_MS);
    it.whole();
  }, 60_000);

  it("after two streams that were cut off in the midst of messages, without losing one", async (test) => {
    const between = await proxy(target());
    const it = await through(between, test);
    for (let i = 0; i < 12; i++) {
      if (i === 4 || i === 8) between.cut();
      await it.lateness();
      await it.pause(200);
    }
    await until(() => expect(it.mode()).toBe("long-poll"));
    it.whole();
  });
});

describe("a client that follows live", () => {
  it("moves to another stream without a gap when the server ends one", async (test) => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    const brief = await site(store, { CHAT_LIVE_SECONDS: "2" });
    const it = await through({ url: brief.url, stop: () => brief.stop() }, test);
    await it.lateness();
    const states: unknown[] = [];
    it.session.events.on("state", ({ state }) => states.push(state));
    const began = Date.now();
    while (Date.now() - began < 7_000) expect(await it.lateness()).toBeLessThan(SLACK_MS);
    expect([it.mode(), states]).toEqual(["live", []]);
    it.whole();
  });

  it("acknowledges what came in a direct thread, so that its sender learns of the delivery", async (test) => {
    const it = await through({ url: server.url, stop: () => undefined }, test);
    const cid = await outsider(server, somebody("cid"));
    await it.lateness(cid);
    const delivered = async () => JSON.stringify(await cid.poll(`?wait=2&delivered=1&cursor=${cid.cursor}`));
    await expect.poll(delivered, { timeout: 25_000, interval: 500 }).toContain('"type":"delivered"');
  });
});
