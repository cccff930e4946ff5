import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import * as v from "valibot";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { type Outsider, outsider, somebody } from "../support/outsider.js";
import { type Site, session, site } from "../support/site.js";
import { connectBrowser, found, named } from "./chromium.js";

const Texts = v.array(v.string());
const Counts = v.object({ breaks: v.number(), holes: v.number(), repeats: v.number(), resyncs: v.number() });
const numbers = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name} ${i + 1}`);

describe.skipIf(!found)(named("client.js"), () => {
  let server: Site;
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    server = await start();
    browser = await connectBrowser();
  });
  afterEach(async () => {
    for (const context of contexts.splice(0)) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const start = (port = "0", env: Record<string, string> = {}) => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    return site(store, { PORT: port, ...env });
  };

  /** Kills the server as it is, and starts another in its place after a while. */
  async function restart(): Promise<void> {
    server.kill("SIGKILL");
    await server.stop();
    await sleep(500);
    server = await start(new URL(server.url).port);
  }

  async function open(): Promise<BrowserContext> {
    const context = await browser.newContext();
    contexts.push(context);
    return context;
  }

  /** Opens a page on which somebody is connected, by a session that their page has. */
  async function connected(context: BrowserContext, entity: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`${server.url}/`);
    await connect(page, entity);
    return page;
  }

  async function connect(page: Page, entity: string): Promise<void> {
    const jwt = await session(entity);
    await page.evaluate(`(async () => {
      const { connect } = await import("/nereid-chat/client.js");
      window.heard = [];
      window.pending = [];
      window.asked = 0;
      const getToken = async () => {
        asked += 1;
        const init = { method: "POST", headers: { Authorization: "Bearer ${jwt}" } };
        const response = await fetch("/nereid-chat/token", init);
        if (!response.ok) throw new Error("status " + response.status);
        return await response.json();
      };
      window.chat = connect({ getToken });
      chat.on("message", ({ message, pending }) => (pending ? window.pending : heard).push(message.text));
      chat.on("history", ({ messages }) => heard.push(...messages.map(({ text }) => text)));
      window.say = async (to, texts, ms) => {
        for (const text of texts) {
          chat.send({ to: [to], text });
          await new Promise((resolve) => setTimeout(resolve, ms));
        }
      };
    })()`);
    await expect.poll(() => page.evaluate("chat.state"), { timeout: 15_000 }).toBe("online");
  }

  const say = (page: Page, to: string, texts: string[], ms = 30) =>
    page.evaluate(`say(${JSON.stringify(to)}, ${JSON.stringify(texts)}, ${ms})`);
  const heard = async (page: Page) => v.parse(Texts, await page.evaluate("heard"));
  const hears = (page: Page, texts: string[]) =>
    expect.poll(() => heard(page), { timeout: 40_000, interval: 100 }).toEqual(texts);
  /** Nothing is missing, nothing came twice, nothing waits any more. */
  async function expectSound(page: Page): Promise<void> {
    expect(v.parse(Counts, await page.evaluate("chat.continuity"))).toEqual({
      breaks: 0,
      holes: 0,
      repeats: 0,
      resyncs: 0,
    });
  }

  /** Two people in two windows, who talk at once; whatever happens meanwhile, both hear the same, in one order. */
  async function talk(count: number, meanwhile: (ann: Page, ben: Page) => Promise<void>): Promise<void> {
    const [one, two] = [somebody("ann"), somebody("ben")];
    const [ann, ben] = [await connected(await open(), one), await connected(await open(), two)];
    const talked = Promise.all([say(ann, two, numbers("ann", count)), say(ben, one, numbers("ben", count))]);
    await meanwhile(ann, ben);
    await talked;
    for (const page of [ann, ben]) {
      await expect.poll(async () => (await heard(page)).length, { timeout: 40_000 }).toBeGreaterThanOrEqual(2 * count);
    }
    const all = await heard(ann);
    for (const name of ["ann", "ben"]) expect(all.filter((it) => it.startsWith(name))).toEqual(numbers(name, count));
    expect(all).toHaveLength(2 * count);
    expect(await heard(ben)).toEqual(all);
    await expectSound(ann);
    await expectSound(ben);
  }

  it("lets two windows chat, in the same order, each message shown at once", async () => {
    await talk(40, async (ann) => {
      await expect.poll(() => ann.evaluate("pending.length")).toBeGreaterThan(0);
    });
  });

  it("recovers when the network was away for half a minute", async () => {
    await talk(60, async (ann) => {
      await sleep(300);
      await ann.context().setOffline(true);
      await sleep(30_000);
      await ann.context().setOffline(false);
    });
  }, 90_000);

  it("recovers when the server is killed and restarted", async () => {
    await talk(60, async () => {
      await sleep(500);
      await restart();
    });
  }, 90_000);

  it("gets another token when one is revoked, and keeps the cursor", async () => {
    const entity = somebody("ann");
    const other = await outsider(server, somebody("ben"));
    const page = await connected(await open(), entity);
    await other.say({ to: [entity], text: "before" });
    await hears(page, ["before"]);
    await server.call("DELETE", "token", { headers: { authorization: `Bearer ${await session(entity)}` } });
    await other.say({ to: [entity], text: "after" });
    await hears(page, ["before", "after"]);
    expect(await page.evaluate("asked")).toBe(2);
    await expectSound(page);
  });

  it("hears what comes between what it read first and the answer to whose token it is, while another tab goes on", async () => {
    const [entity, other] = [somebody("ann"), await outsider(server, somebody("ben"))];
    const context = await open();
    const first = await connected(context, entity);
    await other.say({ to: [entity], text: "one" });
    await hears(first, ["one"]);
    const { json } = await server.call("POST", "token", {
      headers: { authorization: `Bearer ${await session(entity)}` },
    });
    const second = await context.newPage();
    let pass = () => {};
    const held = new Promise<void>((resolve) => {
      pass = resolve;
    });
    await second.route("**/nereid-chat/actors", async (route) => {
      await held;
      await route.continue();
    });
    await second.goto(`${server.url}/`);
    const listed = second.evaluate(`(async () => {
      const { connect } = await import("/nereid-chat/client.js");
      window.heard = [];
      window.chat = connect({ token: ${JSON.stringify(Object(json).token)} });
      chat.on("message", ({ message }) => heard.push(message.text));
      return (await chat.threads()).map(({ last }) => last.text);
    })()`);
    expect(await listed).toEqual(["one"]);
    await other.say({ to: [entity], text: "in between" });
    await hears(first, ["one", "in between"]);
    pass();
    await hears(second, ["in between"]);
    await other.say({ to: [entity], text: "after" });
    await hears(second, ["in between", "after"]);
    await expectSound(second);
  });

  it("continues after a reload from the last cursor, and sends what was unsent", async () => {
    const [entity, other] = [somebody("ann"), await outsider(server, somebody("ben"))];
    const page = await connected(await open(), entity);
    await other.say({ to: [entity], text: "one" });
    await hears(page, ["one"]);
    // Nothing can be sent, until the page is there again.
    await page.route("**/nereid-chat/send/**", (route) => route.abort());
    await say(page, other.entity, ["kept one", "kept two"]);
    await sleep(300);
    await page.goto("about:blank");
    await page.unroute("**/nereid-chat/send/**");
    await other.say({ to: [entity], text: "two" });
    await page.goto(`${server.url}/`);
    await connect(page, entity);
    await hears(page, ["two", "kept one", "kept two"]);
    expect(await page.evaluate("pending")).toEqual(["kept one", "kept two"]);
    const news = await other.news();
    expect(news.flatMap((it) => (it.type === "message" ? [Object(it.message).text] : []))).toEqual([
      ...["one", "two", "kept one", "kept two"],
    ]);
  });

  describe("in ten tabs of one user", () => {
    let context: BrowserContext;
    let entity: string;
    let other: Outsider;
    let tabs: Page[];
    /** The polls that are held now, and by which tab. */
    let held: Map<unknown, Page>;
    const openTabs = async (count: number) => {
      context = await open();
      [entity, other] = [somebody("ann"), await outsider(server, somebody("ben"))];
      held = new Map();
      context.on("request", (request) => {
        if (/stream\/.*(wait=[1-9]|live=1)/.test(request.url())) held.set(request, request.frame().page());
      });
      context.on("requestfinished", (request) => void held.delete(request));
      context.on("requestfailed", (request) => void held.delete(request));
      tabs = [];
      for (let i = 0; i < count; i++) tabs.push(await connected(context, entity));
    };

    it("holds one request in total, and tells each tab everything once", async () => {
      await openTabs(10);
      await expect.poll(() => held.size, { timeout: 10_000 }).toBe(1);
      for (const text of numbers("no", 20)) await other.say({ to: [entity], text });
      for (const tab of tabs) await hears(tab, numbers("no", 20));
      expect(held.size).toBeLessThanOrEqual(1);
      for (const tab of tabs) await expectSound(tab);
    }, 90_000);

    it("loses nothing while the leader changes from tab to tab", async () => {
      await openTabs(4);
      const texts = numbers("no", 60);
      const saying = (async () => {
        for (const text of texts) {
          await other.say({ to: [entity], text });
          await sleep(40);
        }
      })();
      for (let i = 0; i < 3; i++) {
        await sleep(600);
        const leading = [...held.values()].at(-1) ?? tabs[0];
        tabs = tabs.filter((tab) => tab !== leading);
        await leading?.close();
      }
      await saying;
      for (const tab of tabs) await hears(tab, texts);
      for (const tab of tabs) await expectSound(tab);
    }, 90_000);

    it("replaces a leader tab that does not respond", async () => {
      await openTabs(0);
      const frozen = await context.newPage();
      await frozen.goto(`${server.url}/`);
      const name = `nereid-chat ${server.url}/nereid-chat/ ${entity}`;
      await frozen.evaluate(`void navigator.locks.request(${JSON.stringify(name)}, () => new Promise(() => {}))`);
      tabs = [await connected(context, entity), await connected(context, entity)];
      await other.say({ to: [entity], text: "hi" });
      for (const tab of tabs) await hears(tab, ["hi"]);
      await expect.poll(() => held.size).toBe(1);
    });

    it("sends the messages of all tabs, each once", async () => {
      await openTabs(3);
      await Promise.all(tabs.map((tab, i) => say(tab, other.entity, numbers(`tab ${i}`, 10))));
      await expect.poll(async () => (await heard(tabs[0] ?? raise())).length, { timeout: 20_000 }).toBe(30);
      const all = await heard(tabs[0] ?? raise());
      for (const [i, tab] of tabs.entries()) {
        await hears(tab, all);
        expect(all.filter((it) => it.startsWith(`tab ${i}`))).toEqual(numbers(`tab ${i}`, 10));
      }
    }, 90_000);
  });
});

function raise(): never {
  throw new Error("No tab is there");
}
