import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host, violations } from "./host.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";

const WIDE = { viewport: { width: 900, height: 700 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe.skipIf(!found)(named("formats and emoji in <nereid-chat>"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let [ann, ben]: Outsider[] = [];
  let room: string;
  beforeAll(async () => {
    const opened = await openSite();
    ({ server, browser } = opened);
    return opened.close;
  });
  beforeEach(async () => {
    ({ ann, ben, room } = await openTeaRoom(server));
  });
  afterEach(() => context.close());

  const open = async (options: BrowserContextOptions = WIDE, about: Parameters<typeof host>[3] = {}) => {
    context = await browser.newContext(options);
    context.setDefaultTimeout(8_000);
    const meta = '<meta name="viewport" content="width=device-width">';
    const page = await host(context, server, { token: ann?.token ?? "", thread: room }, { meta, ...about });
    // What helps to write is loaded with the focus.
    await Promise.all([page.waitForResponse(/widget-format-keys/), field(page).focus()]);
    await page.waitForTimeout(100);
    return page;
  };
  const field = (page: Page) => page.locator("nereid-chat .area");
  const last = async () => (await ben?.thread(room))?.last;
  const panel = (page: Page) => page.getByRole("group", { name: "Emoji and formatting" }).first();
  const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
  const focused = (page: Page) =>
    page.locator("nereid-chat").evaluate((it) => it.shadowRoot?.activeElement?.getAttribute("aria-label"));

  it("writes bold, italic, struck text and code by keys, as HTML that others see, and takes a mark back", async () => {
    const page = await open();
    for (const [key, text] of [
      ["b", "bold"],
      ["i", "italic"],
      ["Shift+x", "struck"],
      ["e", "code"],
    ]) {
      await page.keyboard.press(`Control+${key}`);
      await page.keyboard.type(text ?? "");
      await page.keyboard.press(`Control+${key}`);
      await page.keyboard.type(" ");
    }
    expect(await field(page).inputValue()).toBe("**bold** _italic_ ~~struck~~ `code` ");
    await page.keyboard.press("Enter");
    for (const tag of ["b", "i", "s", "code"]) await page.locator(`nereid-chat .markup ${tag}`).waitFor();
    await expect.poll(last).toMatchObject({
      type: "html",
      text: "<b>bold</b> <i>italic</i> <s>struck</s> <code>code</code>",
    });
    await field(page).fill("plain");
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Control+b");
    expect(await field(page).inputValue()).toBe("**plain**");
    await page.keyboard.press("Control+b");
    expect(await field(page).inputValue()).toBe("plain");
    await page.keyboard.press("Control+z");
    expect(await field(page).inputValue()).toBe("**plain**");
  });

  it("makes a block of several lines of code, edits it as it was typed, and marks who is mentioned", async () => {
    const page = await open();
    await field(page).fill("one\n  two");
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Control+e");
    expect(await field(page).inputValue()).toBe("```\none\n  two\n```");
    await page.keyboard.press("End");
    await page.keyboard.press("Control+Enter");
    await page.locator("nereid-chat .markup pre").getByText("one").waitFor();
    await expect.poll(last).toMatchObject({ type: "html", text: "<pre>one\n  two</pre>" });
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("ArrowUp");
    await expect.poll(() => field(page).inputValue()).toBe("```\none\n  two\n```");
    await field(page).fill("one, and **two** for @Ben.");
    await page.keyboard.press("Control+Enter");
    await page.locator("nereid-chat .markup b").waitFor();
    await page.locator("nereid-chat .markup .mention").getByText("@Ben").waitFor();
    await expect.poll(last).toMatchObject({ text: "one, and <b>two</b> for @Ben.", edited: expect.any(String) });
    await page.keyboard.press("ArrowUp");
    await field(page).fill("only text");
    await page.keyboard.press("Control+Enter");
    await expect.poll(last).toMatchObject({ type: "plain", text: "only text" });
  });

  it("inserts an emoji that is found by its name, with a skin tone, by keyboard alone", async () => {
    const page = await open();
    await page.keyboard.type("Hello ");
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Emoji and formatting");
    await page.keyboard.press("Enter");
    await panel(page).waitFor();
    await expect.poll(() => focused(page)).toBe("Emoji: Search");
    await button(page, "grinning face").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.type("waving");
    await expect.poll(() => page.locator("nereid-chat .emoji").first().textContent()).toBe("👋");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await panel(page).waitFor({ state: "detached" });
    await expect.poll(() => field(page).inputValue()).toBe("Hello 👋🏼");
    expect(await focused(page)).toBe("Message Tea");
    await button(page, "Emoji and formatting").click();
    await expect.poll(() => page.locator("nereid-chat .emoji").first().textContent()).toBe("👋🏼");
    await page.keyboard.press("Escape");
    await panel(page).waitFor({ state: "detached" });
    expect(await focused(page)).toBe("Message Tea");
  });

  it("is worked by a finger, in the language of the page, and loads nothing of it before", async () => {
    const loaded: string[] = [];
    const page = await open(PHONE, { lang: "de" });
    page.on("request", (request) => loaded.push(request.url()));
    await button(page, "Emoji und Formate").tap();
    await button(page, "grinsendes Gesicht").waitFor();
    expect(loaded.filter((it) => /widget-emoji-(picker|list|de)\.js$/.test(it))).toHaveLength(3);
    const small = `[...document.querySelector("nereid-chat").shadowRoot.querySelectorAll(".emoji-picker :is(button, input, select)")]
      .map((it) => it.getBoundingClientRect()).filter(({ width, height }) => Math.min(width, height) < 44).length`;
    expect(await page.evaluate(small)).toBe(0);
    expect(await violations(page)).toEqual([]);
    await page.getByRole("searchbox").fill("konfetti");
    await button(page, "Konfettibombe").tap();
    await expect.poll(() => field(page).inputValue()).toBe("🎉");
    await field(page).selectText();
    await button(page, "Emoji und Formate").tap();
    await field(page).selectText();
    await button(page, "Fett").tap();
    expect(await field(page).inputValue()).toBe("**🎉**");
    await page.getByRole("searchbox").fill("xyzzy");
    await page.getByText("Nichts gefunden.").waitFor();
  });
});
