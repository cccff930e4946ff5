import { readFileSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { connectBrowser, found, named } from "./chromium.js";

const ORIGIN = "https://chat.example";
const files = new URL("../../public/nereid-chat/", import.meta.url);

describe.skipIf(!found)(named("client.js and the browser's storage"), () => {
  let browser: Browser;
  let context: BrowserContext;
  beforeAll(async () => {
    browser = await connectBrowser();
  });
  afterEach(() => context?.close());
  afterAll(() => browser?.close());

  /** Opens a page on which Ann is connected; the deployment is in the page, and notes the texts that are sent. */
  async function opened(before = "", page?: Page): Promise<Page> {
    context = page?.context() ?? (await browser.newContext());
    const it = page ?? (await context.newPage());
    await it.route(`${ORIGIN}/**`, (route) => {
      const name = new URL(route.request().url()).pathname.split("/").at(-1);
      if (name === "") return route.fulfill({ contentType: "text/html", body: "<!doctype html>" });
      return route.fulfill({ contentType: "text/javascript", body: readFileSync(new URL(`${name}`, files), "utf8") });
    });
    await it.goto(`${ORIGIN}/`);
    await it.evaluate(before);
    await it.evaluate(`(async () => {
      const { connect } = await import("/nereid-chat/client.js");
      window.sent = [];
      window.away = window.away ?? false;
      const fetch = async (url, { body, signal } = {}) => {
        if (window.away) throw new TypeError("away");
        if (url.includes("/send")) {
          const stanzas = JSON.parse(body).stanzas ?? [JSON.parse(body)];
          const results = stanzas.map(({ message }) => {
            sent.push(message.text);
            return { type: "message", id: message.id, thread: "t", seq: sent.length, timestamp: "" };
          });
          return Response.json({ results });
        }
        if (url.includes("wait=0")) return Response.json({ timestamp: "", prev: "c", cursor: "c", stanzas: [] });
        if (!url.includes("/stream")) return Response.json({ friends: [] });
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
      };
      window.chat = connect({ fetch, token: { token: "t", cursor: "c", actor: { id: "ann" } } });
      window.say = (text) => void chat.send({ thread: "t", text }).catch(() => {});
    })()`);
    return it;
  }

  const sent = (page: Page) => page.evaluate("sent");
  const sends = (page: Page, texts: string[]) =>
    expect.poll(() => sent(page), { timeout: 8_000, interval: 100 }).toEqual(texts);

  it.each([
    [
      "refuses transactions",
      `IDBDatabase.prototype.transaction = () => { throw new DOMException("", "InvalidStateError") }`,
    ],
    ["never answers", "IDBObjectStore.prototype.add = IDBObjectStore.prototype.getAll = () => new EventTarget()"],
    ["is full", `IDBObjectStore.prototype.add = () => { throw new DOMException("", "QuotaExceededError") }`],
    ["removes nothing", `IDBObjectStore.prototype.delete = () => { throw new DOMException("", "UnknownError") }`],
    ["does not open", `IDBFactory.prototype.open = () => { throw new DOMException("", "SecurityError") }`],
    ["is deleted", `indexedDB.deleteDatabase("nereid-chat ${ORIGIN}/nereid-chat/ ann")`],
  ])("sends in order, once and within seconds when it %s", async (_, failure) => {
    const page = await opened();
    await page.evaluate(`say("one")`);
    await sends(page, ["one"]);
    await page.evaluate(`void (${failure})`);
    await page.evaluate(`say("two"), say("three")`);
    await sends(page, ["one", "two", "three"]);
    await page.evaluate("new Promise((resolve) => setTimeout(resolve, 300))");
    expect(await sent(page)).toEqual(["one", "two", "three"]);
  });

  it.each([
    [
      "channels between tabs, as Firefox does",
      `BroadcastChannel = class { constructor() { throw new DOMException("", "SecurityError") } }`,
    ],
    ["locks", `navigator.locks.request = () => { throw new DOMException("", "SecurityError") }`],
    [
      "texts",
      `Storage.prototype.getItem = Storage.prototype.setItem = () => { throw new DOMException("", "QuotaExceededError") }`,
    ],
  ])("connects and sends although the browser refuses %s", async (_, refuse) => {
    const page = await opened(`void (${refuse})`);
    await expect.poll(() => page.evaluate("chat.state"), { timeout: 8_000 }).toBe("online");
    await page.evaluate(`say("one")`);
    await sends(page, ["one"]);
  });

  it("connects, sends and forgets although the browser's locks and databases never answer", async () => {
    const page = await opened(`void (
      navigator.locks.request = () => new Promise(() => {}),
      IDBFactory.prototype.open = IDBFactory.prototype.deleteDatabase = () => new EventTarget()
    )`);
    await expect.poll(() => page.evaluate("chat.state"), { timeout: 8_000 }).toBe("online");
    await page.evaluate(`say("one")`);
    await sends(page, ["one"]);
    await page.evaluate(`say("two")`);
    await expect.poll(() => sent(page), { timeout: 3_000, interval: 100 }).toEqual(["one", "two"]);
    const forgotten = `chat.forget().then(() => "forgotten")`;
    const soon = "new Promise((resolve) => setTimeout(resolve, 4_000))";
    expect(await page.evaluate(`Promise.race([${forgotten}, ${soon}])`)).toBe("forgotten");
  });

  it("keeps unsent messages across a reload, also after the database was closed, and forgets them with the user", async () => {
    const page = await opened();
    await page.evaluate(`say("one")`);
    await sends(page, ["one"]);
    await page.evaluate(`indexedDB.deleteDatabase("nereid-chat ${ORIGIN}/nereid-chat/ ann")`);
    await page.evaluate(`window.away = true, say("kept")`);
    await page.evaluate("new Promise((resolve) => setTimeout(resolve, 500))");
    await opened("", page);
    await sends(page, ["kept"]);
    await page.evaluate(`window.away = true, say("secret")`);
    await page.evaluate("new Promise((resolve) => setTimeout(resolve, 300)).then(() => chat.forget())");
    expect(await page.evaluate("Object.keys(localStorage).filter((key) => key.includes(' ann '))")).toEqual([]);
    await opened("", page);
    await page.evaluate(`say("next")`);
    await sends(page, ["next"]);
  });
});
