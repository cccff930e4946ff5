import { readFile } from "node:fs/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import * as v from "valibot";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import { somebody } from "../support/outsider.js";
import { type Between, proxy } from "../support/proxy.js";
import { type Site, session, site } from "../support/site.js";
import { connectBrowser, found, named } from "./chromium.js";
import { openSite } from "./opened-site.js";

// Each way, so that a round trip takes twice as long.
const WAY_MS = 60;
const TOKENS_MAX = 4;

const Started = v.object({
  success: v.literal(true),
  thread_id: v.string(),
  members: v.array(v.looseObject({ id: v.string(), displayName: v.string() })),
});
const Old = v.object({ texts: v.array(v.string()), tokens: v.array(v.string()), refused: v.array(v.string()) });

describe.skipIf(!found)(named("a client of the first implementation, 120 ms away"), () => {
  let server: Site;
  let path: Between;
  let browser: Browser;
  let script: string;
  const contexts: BrowserContext[] = [];
  beforeAll(async () => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    // With the rates of a deployment.
    const rates = { CHAT_RATE_SEND: undefined, CHAT_RATE_TOKEN: undefined, CHAT_RATE_STREAM: undefined };
    server = await site(store, rates);
    path = await proxy({ host: "127.0.0.1", port: Number(new URL(server.url).port) });
    path.delay(WAY_MS);
    browser = await connectBrowser();
    script = await readFile("test/browser/first-implementation.js", "utf8");
  });
  afterEach(async () => {
    await Promise.all(contexts.splice(0).map((context) => context.close()));
  });
  afterAll(async () => {
    await browser?.close();
    await path?.stop();
    await server?.stop();
  });

  /** Opens the old page of a user who is logged in and has these friends. */
  async function open(entity: string, name: string, friends: string[], way: string): Promise<Page> {
    const context = await browser.newContext();
    contexts.push(context);
    const jwt = await session(entity, { name, contacts: friends });
    await context.addCookies([{ name: "chat_session", value: jwt, url: path.url }]);
    const page = await context.newPage();
    const body = `<!doctype html><title>Old</title><script>${script}</script>`;
    await page.route(`${path.url}/old`, (route) => route.fulfill({ contentType: "text/html", body }));
    await page.goto(`${path.url}/old`);
    await page.evaluate(`old.start(${way})`);
    return page;
  }
  const stateOf = async (page: Page) => v.parse(Old, await page.evaluate("({ ...old })"));

  it.each([
    ["by a session cookie and forms", 200, '"session", "form"'],
    ["by a token in the path and JSON", 100, '"token", "json"'],
  ])(
    "%s: loses none of %i messages, with fewer than five tokens",
    async (_, count, way) => {
      const [ann, ben] = [somebody("ann"), somebody("ben")];
      const pages = await Promise.all([open(ann, "Ann", [ben], way), open(ben, "Ben", [ann], way)]);
      const [first] = pages;
      const friends = () => first.evaluate("old.friends()");
      const friend = { id: ben, displayName: "Ben", show: "chat", status: null, available: expect.any(Boolean) };
      await expect.poll(friends, { timeout: 10_000 }).toMatchObject([friend]);
      const started = v.parse(Started, await first.evaluate(`old.startSession(${JSON.stringify(ben)})`));
      expect(started.members.map(({ displayName }) => displayName).sort()).toEqual(["Ann", "Ben"]);

      const say = `old.say(${JSON.stringify(started.thread_id)}, "no", ${count / 2})`;
      await Promise.all(pages.map((page) => page.evaluate(say)));
      const all = ["Ann", "Ben"].flatMap((name) => Array.from({ length: count / 2 }, (_, i) => `${name}: no ${i + 1}`));
      for (const page of pages) {
        // One may come twice: the browser reopens the old stream while the page waits for its token.
        const missing = async () => {
          const { texts } = await stateOf(page);
          return all.filter((it) => !texts.includes(it));
        };
        await expect.poll(missing, { timeout: 10_000 }).toEqual([]);
        const { tokens, refused } = await stateOf(page);
        expect(refused).toEqual([]);
        expect(new Set(tokens).size).toBeLessThanOrEqual(TOKENS_MAX);
      }
    },
    60_000,
  );
});

describe.skipIf(!found)(named("chat.js in a page of the first implementation"), () => {
  let server: Site;
  let browser: Browser;
  beforeAll(async () => {
    const opened = await openSite();
    ({ server, browser } = opened);
    return opened.close;
  });

  /** What the console of a page with this markup says of the element. */
  async function hints(body: string): Promise<string[]> {
    const page = await browser.newPage();
    const said: string[] = [];
    page.on("console", (it) => said.push(it.text()));
    await page.route(`${server.url}/old`, (route) => route.fulfill({ contentType: "text/html", body }));
    await page.goto(`${server.url}/old`);
    await page.evaluate(
      "customElements.whenDefined('nereid-chat').then(() => new Promise((done) => setTimeout(done)))",
    );
    await page.close();
    return said.filter((it) => it.includes("Add <nereid-chat>"));
  }
  const script = (query = "", attribute = "") => `<script src="/nereid-chat/chat.js${query}" ${attribute}></script>`;
  const friends = '<div id="chat-line"><div id="users"></div></div>';
  const template = '<script type="text/template" id="chat-template"></script>';

  it.each([
    ["asks for it by ?auto", `${script("?auto")}<p>Home`],
    ["asks for it among others", `${script("?user=1&auto=1", "async")}<p>Home`],
    ["holds the old list of friends", `${script()}${friends}`],
    ["holds the old templates", `${script("", "defer")}${template}`],
    ["loads it twice", `${script("?auto")}${script("?auto")}`],
  ])("says once what to add where the page %s", async (_, body) => {
    expect(await hints(body)).toHaveLength(1);
  });

  it.each([
    ["has the element", `${script("?auto")}${friends}<nereid-chat></nereid-chat>`],
    [
      "adds the element while it loads",
      `${script("?auto")}<script>document.write("<nereid-chat></nereid-chat>")</script>`,
    ],
    ["has nothing of the old one", `${script("?automatic=1")}<div id="users"></div>`],
    ["imports the module", `<script type="module" src="/nereid-chat/widget.js?auto"></script>${friends}`],
  ])("says nothing where the page %s", async (_, body) => {
    expect(await hints(body)).toEqual([]);
  });
});
