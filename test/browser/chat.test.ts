import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { onPath } from "../../local/redis.js";
import { nginx } from "../support/nginx.js";
import { type Outsider, outsider, somebody } from "../support/outsider.js";
import { type Site, site } from "../support/site.js";
import { connectBrowser, found, named } from "./chromium.js";
import { PLAIN_HOST } from "./launch.js";

const COUNT = 60;
const Texts = v.array(v.string());
const numbers = (name: string, count = COUNT) => Array.from({ length: count }, (_, i) => `${name} ${i + 1}`);

describe.skipIf(!found)(named("a page in a browser"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let ann: Outsider;
  let ben: Outsider;
  beforeAll(async () => {
    server = await start();
    browser = await connectBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const start = (port = "0") => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    return site(store, { PORT: port });
  };

  /** Kills the server as it is, and starts another in its place after a while. */
  async function restart(): Promise<void> {
    server.kill("SIGKILL");
    await server.stop();
    await sleep(500);
    server = await start(new URL(server.url).port);
  }

  /** Ann and Ben as they come in, and Ben's page at an origin. */
  async function meet(origin = server.url): Promise<void> {
    [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
    context = await browser.newContext();
    page = await context.newPage();
    await page.goto(`${origin}/`);
  }

  /** Has Ann say something again and again, until it is taken. */
  async function say(texts: string[]): Promise<void> {
    for (const text of texts) {
      const id = crypto.randomUUID();
      const attempt = () => ann.say({ id, to: [ben.entity], text });
      for (
        let left = 100;
        !(await attempt().then(
          () => true,
          () => false,
        ));
        left--
      ) {
        if (left === 0) throw new Error("Cannot say it");
        await sleep(100);
      }
      await sleep(Math.random() * 60);
    }
  }

  const heard = async (of = page) => v.parse(Texts, await of.evaluate("window.heard"));
  const hears = (texts: string[], of = page) => expect.poll(() => heard(of), { timeout: 30_000 }).toEqual(texts);

  /** Lets a page listen by the browser's means alone. */
  const listen = (query = "") =>
    page.evaluate(`
      window.heard = [];
      window.source = new EventSource("/nereid-chat/stream/${ben.token}${query}");
      source.onmessage = ({ data }) => {
        const { type, message } = JSON.parse(data);
        if (type === "message") heard.push(message.text);
      };
    `);

  describe("with a plain EventSource", () => {
    it.each(["", "?live=1"])("receives everything in order and once: %s", async (query) => {
      await meet();
      await say(["before"]);
      await listen(query);
      await say(numbers("no"));
      await hears(["before", ...numbers("no")]);
      await context.close();
    });

    it.each(["", "?live=1"])("receives everything in order and once when the server is killed: %s", async (query) => {
      await meet();
      await listen(query);
      const said = say(numbers("no"));
      await sleep(800);
      await restart();
      await said;
      await hears(numbers("no"));
      await context.close();
    });

    it("receives everything in order and once after it was offline for a while", async () => {
      await meet();
      await listen();
      const said = say(numbers("no"));
      await sleep(500);
      await context.setOffline(true);
      await sleep(1_000);
      await context.setOffline(false);
      await said;
      await hears(numbers("no"));
      await context.close();
    });
  });

  const proxied = onPath("nginx");
  if (!proxied && process.env.CI === "true") throw new Error("Cannot test: CI needs nginx on PATH");

  describe.skipIf(!proxied)(proxied ? "behind nginx as it is installed" : "skipped: nginx is not on PATH", () => {
    let front: Awaited<ReturnType<typeof nginx>>;
    beforeAll(async () => {
      front = await nginx(server.url.replace("localhost", "127.0.0.1"));
    });
    afterAll(() => front?.stop());

    it.each(["", "?live=1"])("receives everything by a plain EventSource, in order and once: %s", async (query) => {
      await meet(front.url);
      await say(["before"]);
      await listen(query);
      await say(numbers("no"));
      await hears(["before", ...numbers("no")]);
      await context.close();
    });

    // The proxy's own 502 ends an EventSource for good, as anything but 200 does: the page has to make another.
    it("receives everything in order and once when the server is killed and the page resumes by Last-Event-ID", async () => {
      await meet(front.url);
      await page.evaluate(`
        window.heard = [];
        window.ended = 0;
        window.listen = (query) => {
          const source = new EventSource("/nereid-chat/stream/${ben.token}" + query);
          let last = query;
          source.onmessage = ({ data, lastEventId }) => {
            last = "?cursor=" + encodeURIComponent(lastEventId);
            const { type, message } = JSON.parse(data);
            if (type === "message") heard.push(message.text);
          };
          source.onerror = () => {
            if (source.readyState !== EventSource.CLOSED) return;
            ended += 1;
            setTimeout(listen, 200, last);
          };
        };
        listen("");
      `);
      const said = say(numbers("no"));
      await sleep(800);
      await restart();
      await said;
      await hears(numbers("no"));
      expect(await page.evaluate("ended")).toBeGreaterThan(0);
      await context.close();
    });
  });

  /** Opens a page with the chat's own client, for somebody. */
  async function connected(who: Outsider, origin = server.url): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${origin}/`);
    await page.evaluate(`
      window.heard = [];
      window.problems = [];
      window.failed = [];
      window.say = (to, texts, ms) => texts.reduce(
        (before, text) => before.then(() => {
          chat.send({ to: [to], text }).catch((error) => failed.push(String(error)));
          return new Promise((resolve) => setTimeout(resolve, ms));
        }),
        Promise.resolve(),
      );
      import("/nereid-chat/client.js").then(({ connect }) => {
        window.chat = connect({ token: ${JSON.stringify({ token: who.token, cursor: who.cursor })} });
        chat.on("state", ({ problem }) => problem && problems.push(problem.code));
        chat.on("message", ({ message, pending }) => {
          if (pending) return;
          heard.push(message.text);
          if (message.text === "bad") throw new Error("a mistake of the page");
        });
      });
    `);
    return page;
  }

  describe("with client.js", () => {
    let annPage: Page;
    let benPage: Page;
    const open = async (origin = server.url) => {
      [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
      [annPage, benPage] = [await connected(ann, origin), await connected(ben, origin)];
    };
    const close = () => Promise.all([annPage.context().close(), benPage.context().close()]);
    /** Has Ann and Ben talk at once, a message each every 50 ms. */
    const talk = (count: number) =>
      Promise.all(
        [[annPage, ben.entity, "ann"] as const, [benPage, ann.entity, "ben"] as const].map(([page, to, name]) =>
          page.evaluate(`say("${to}", ${JSON.stringify(numbers(name, count))}, 50)`),
        ),
      );
    /** Both hear the same in the same order, and of each all in the order it was said. */
    const expectWhole = async (count: number) => {
      await expect
        .poll(async () => (await heard(annPage)).length, { timeout: 40_000 })
        .toBeGreaterThanOrEqual(2 * count);
      await expect
        .poll(async () => (await heard(benPage)).length, { timeout: 40_000 })
        .toBeGreaterThanOrEqual(2 * count);
      const all = await heard(annPage);
      for (const name of ["ann", "ben"]) {
        expect(all.filter((it) => it.startsWith(name))).toEqual(numbers(name, count));
      }
      expect(all).toHaveLength(2 * count);
      expect(await heard(benPage)).toEqual(all);
      expect(await annPage.evaluate("failed")).toEqual([]);
    };

    it("sends and receives, in one order for all", async () => {
      await open();
      await talk(COUNT);
      await expectWhole(COUNT);
      await close();
    });

    it("recovers after 3 s offline, with what was sent meanwhile", async () => {
      await open();
      const talked = talk(COUNT + 40);
      await sleep(500);
      await annPage.context().setOffline(true);
      await sleep(3_000);
      await annPage.context().setOffline(false);
      await talked;
      await expectWhole(COUNT + 40);
      await close();
    }, 90_000);

    it("recovers when the server is killed and restarted", async () => {
      await open();
      const talked = talk(COUNT);
      await sleep(800);
      await restart();
      await talked;
      await expectWhole(COUNT);
      await close();
    }, 90_000);

    it("sends from a page without https", async () => {
      // The server listens to localhost, which need not be 127.0.0.1.
      await open(server.url.replace("localhost", PLAIN_HOST));
      expect(await annPage.evaluate("isSecureContext")).toBe(false);
      await talk(3);
      await expectWhole(3);
      await close();
    });

    it("continues after an error of the page's listener, and delivers nothing twice", async () => {
      await open();
      const texts = ["one", "bad", "two"];
      await annPage.evaluate(`say("${ben.entity}", ${JSON.stringify(texts)}, 0)`);
      await hears(texts, benPage);
      await sleep(500);
      expect(await heard(benPage)).toEqual(texts);
      await close();
    });

    it("delivers nothing once it is closed", async () => {
      await open();
      await benPage.evaluate("chat.close()");
      await ann.say({ to: [ben.entity], text: "late" });
      await hears(["late"], annPage);
      expect(await heard(benPage)).toEqual([]);
      await close();
    });

    it("reports that the token with which it began is unknown", async () => {
      ben = await outsider(server, somebody("ben"));
      await server.call("DELETE", `token/${ben.token}`);
      benPage = await connected(ben);
      await expect.poll(() => benPage.evaluate("problems"), { timeout: 20_000 }).toContain("unauthenticated");
      await benPage.context().close();
    });

    it("reports that its token is unknown", async () => {
      await open();
      await server.call("DELETE", `token/${ben.token}`);
      await expect.poll(() => benPage.evaluate("problems"), { timeout: 20_000 }).toContain("unauthenticated");
      await close();
    });
  });
});
