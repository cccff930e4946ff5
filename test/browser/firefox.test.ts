import type { Browser, BrowserContext } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { type Site, site } from "../support/site.js";
import { found, named, type Screen, screenOf, startFirefox } from "./firefox.js";
import { strictPage, WHOLE } from "./strict-page.js";

// As long as a person rests a finger for a menu.
const LONG_PRESS_MS = 700;
// The machine runs other browsers meanwhile.
const POLL = { timeout: 8_000, interval: 50 };
// The clipboard of a browser without a window cannot be read.
const CLIPBOARD = "navigator.clipboard.writeText = async (text) => { window.copied = text }";

describe.skipIf(!found)(named("the page at / in Firefox"), { timeout: 60_000 }, () => {
  let server: Site;
  let browser: Browser;
  let contexts: BrowserContext[] = [];
  beforeAll(async () => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    [server, browser] = await Promise.all([site(store, { CHAT_GUESTS: "1" }), startFirefox()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  beforeEach(() => {
    contexts = [];
  });
  afterEach(() => Promise.all(contexts.map((context) => context.close())));

  /** Opens the page in a profile of its own. */
  const open = async (address = server.url): Promise<Screen> => {
    const context = await browser.createBrowserContext();
    contexts.push(context);
    const page = await context.newPage({ type: "window" });
    await page.evaluateOnNewDocument(CLIPBOARD);
    await page.goto(address);
    return screenOf(page);
  };
  const enter = async (name: string, address?: string) => {
    const screen = await open(address);
    await (await screen.find("#as")).click();
    await screen.page.keyboard.type(name);
    await screen.press("Start chatting");
    return screen;
  };
  /** Ann in a room of hers, and Ben, who followed her link. */
  const meet = async () => {
    const hers = await enter("Ann");
    await hers.press("Copy the link");
    await hers.find("#link", "Copied. Send it to somebody.");
    const his = await enter("Ben", `${await hers.page.evaluate("copied")}`);
    await his.press("Join");
    await his.field();
    return [hers, his] as const;
  };

  it("is a conversation by mouse: said, reacted to, edited, answered and deleted", async () => {
    const [hers, his] = await meet();
    await hers.say("Hi");
    await his.act("Hi", "React");
    await his.press("React with 🎉");
    await hers.find('.reaction[title*="🎉"]');
    await hers.act("Hi", "Edit");
    await (await hers.field()).click({ count: 3 });
    await hers.page.keyboard.type("Hi, Ben");
    await hers.press("Save");
    await his.act("Hi, Ben", "Reply");
    await his.say("Hey");
    await hers.find(".row:has(.quote) .text", "Hey");
    await hers.act("Hi, Ben", "Delete");
    await hers.press("Delete");
    await his.find(".gone em", "This message was deleted.");
    expect(await his.texts()).toEqual(["Hey"]);
  });

  it("is worked by the keyboard alone", async () => {
    const { page, find, focused, message, field } = await open();
    const tabTo = async (name: string, key: "Tab" | "Shift+Tab" = "Tab") => {
      for (let presses = 0; (await focused()) !== name; presses++) {
        if (presses > 20) throw new Error(`Cannot reach ${name} from ${await focused()}`);
        if (key === "Shift+Tab") await page.keyboard.down("Shift");
        await page.keyboard.press("Tab");
        if (key === "Shift+Tab") await page.keyboard.up("Shift");
      }
    };
    await find("#as");
    await page.keyboard.type("Ann");
    await page.keyboard.press("Enter");
    await field();
    await tabTo("Message Ann’s room");
    await page.keyboard.type("I am");
    await page.keyboard.press("Enter");
    // Only what the deployment has accepted can be edited.
    await find(".tick.sent");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.type(" here");
    await page.keyboard.press("Enter");
    await message("I am here");
    await tabTo("Messages", "Shift+Tab");
    await page.keyboard.press("ArrowUp");
    await tabTo("React");
    await page.keyboard.press("Enter");
    await tabTo("React with 👍");
    await page.keyboard.press("Enter");
    await find('.reaction[title*="👍"]');
  });

  it("is worked by a finger: a tap or a long press on a message opens its actions", async () => {
    const { page, find, tap, message, say, field } = await enter("Ann");
    await field();
    // The page is loaded again, as a touch screen.
    await page.setViewport({ width: 390, height: 844, hasTouch: true });
    await say("Tea?");
    await (await message("Tea?")).tap();
    await tap("React");
    await tap("React with 🎉");
    await find('.reaction[title*="🎉"]');
    await (await message("Tea?")).tap();
    await tap("Reply");
    await say("Yes");
    await find(".row:has(.quote) .text", "Yes");
    const box = await (await message("Yes")).boundingBox();
    const finger = await page.touchscreen.touchStart((box?.x ?? 0) + 5, (box?.y ?? 0) + 5);
    await new Promise((resolve) => setTimeout(resolve, LONG_PRESS_MS));
    await finger.end();
    await tap("Delete");
    await tap("Delete");
    await find(".gone em", "This message was deleted.");
  });

  it("reports nothing as read that something of the page covers", async () => {
    const [hers, his] = await meet();
    // By script, since the page allows no style attributes.
    await his.page.evaluate(`{
      document.hasFocus = () => true;
      document.body.insertAdjacentHTML("beforeend", '<div id="cover"></div>');
      Object.assign(cover.style, { position: "fixed", inset: 0, background: "white", zIndex: 9 });
    }`);
    await hers.say("Hi");
    const tick = (state: string) =>
      hers.page.evaluate(`document.querySelector("nereid-chat").shadowRoot.querySelectorAll(".tick.${state}").length`);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await tick("read")).toBe(0);
    await his.page.evaluate("cover.remove()");
    await expect.poll(() => tick("read"), POLL).toBe(1);
  });

  it("keeps the draft and its place in the stream over a reload", async () => {
    const [hers, his] = await meet();
    await his.say("one");
    await hers.message("one");
    await (await hers.field()).click();
    await hers.page.keyboard.type("half an");
    await Promise.all([hers.page.reload(), his.say("two")]);
    await expect.poll(hers.texts, POLL).toEqual(["one", "two"]);
    await hers.say(" hour");
    await his.message("half an hour");
    expect(await Promise.all(["lost", "repeats", "breaks"].map(hers.counter))).toEqual(["0", "0", "0"]);
  });

  it("heals when it was offline: nothing is lost or comes twice", async () => {
    const [hers, his] = await meet();
    await hers.say("before");
    await his.message("before");
    await hers.page.setOfflineMode(true);
    await hers.find(".notice");
    await hers.say("hers");
    await his.say("his");
    await expect.poll(() => hers.counter("queued"), POLL).toBe("1");
    expect(await hers.texts()).toEqual(["before", "hers"]);
    await hers.page.setOfflineMode(false);
    const all = ["before", "his", "hers"];
    for (const { texts } of [hers, his]) await expect.poll(texts, POLL).toEqual(all);
    await expect.poll(() => hers.counter("queued"), POLL).toBe("0");
    expect(await Promise.all(["lost", "repeats", "breaks"].map(hers.counter))).toEqual(["0", "0", "0"]);
  });

  it("shows an attached file, and opens it in a tab of its own", async () => {
    const { page, find, field } = await enter("Ann");
    await field();
    const url = `${server.url}/openapi.json`;
    await page.evaluate(`(async () => {
      const { token } = JSON.parse(sessionStorage.getItem("nereid-chat guest"));
      const headers = { authorization: "Bearer " + token, "content-type": "application/json" };
      const { threads } = await (await fetch("/nereid-chat/threads", { headers })).json();
      const attachments = [{ url: ${JSON.stringify(url)}, name: "plan.json", size: 2048 }];
      const body = JSON.stringify({ type: "message", message: { thread: threads[0].id, attachments } });
      await fetch("/nereid-chat/send/" + token, { method: "POST", headers, body });
    })()`);
    const file = await find("a.file");
    expect(await file.evaluate((it) => [it.target, it.rel])).toEqual(["_blank", "noopener noreferrer nofollow"]);
    expect(await file.evaluate((it) => it.textContent)).toMatch(/plan\.json\s*2/);
    await file.click();
    await page.browserContext().waitForTarget((target) => target.url() === url, { timeout: POLL.timeout });
  });

  it("blocks nothing of the widget by the content security policy in docs/widget.md", async () => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    const strict = await strictPage(store);
    const context = await browser.createBrowserContext();
    try {
      expect(await strict.visit(await context.newPage())).toEqual(WHOLE);
    } finally {
      await context.close();
      await strict.stop();
    }
  });
});
