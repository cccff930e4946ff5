import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host, violations } from "./host.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";

const DESKTOP = { viewport: { width: 1000, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe.skipIf(!found)(named("<nereid-chat launcher>"), () => {
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

  const open = async (device: object, about: Parameters<typeof host>[3] = {}) => {
    context = await browser.newContext(device);
    const { token } = await server.token(ann?.entity ?? "");
    return host(context, server, { token, thread: room, launcher: "" }, about);
  };
  const button = (page: Page, name = "Open the chat") => page.getByRole("button", { name, exact: true });
  const panel = (page: Page) => page.getByRole("dialog", { name: "Chat", exact: true });
  const box = (page: Page) => panel(page).boundingBox();
  const unread = async () => (await ann?.thread(room))?.unread;

  it("shows how much is unread, and nothing counts as read before it is opened", async () => {
    await ben?.say({ thread: room, text: "Tea?" });
    const page = await open(DESKTOP);
    await button(page, "Open the chat, 1 unread message").waitFor();
    await ben?.say({ thread: room, text: "Or coffee?" });
    await button(page, "Open the chat, 2 unread messages").waitFor();
    expect(await panel(page).isVisible()).toBe(false);
    expect(await violations(page)).toEqual([]);
    expect(await unread()).toBe(2);
    await page.locator("nereid-chat").getByRole("button").click();
    await panel(page).getByRole("article").filter({ hasText: "Or coffee?" }).waitFor();
    await expect.poll(unread).toBe(0);
    expect(await violations(page)).toEqual([]);
  });

  it("opens beside the page by keyboard, and gives the focus back when Escape closes it", async () => {
    const page = await open(DESKTOP);
    await button(page).focus();
    await page.keyboard.press("Enter");
    await panel(page).getByRole("textbox", { name: "Message Tea" }).fill("Hello");
    await page.keyboard.press("Enter");
    await panel(page).getByRole("article").filter({ hasText: "Hello" }).waitFor();
    // From the conversation to the list, and out.
    await page.keyboard.press("Escape");
    await panel(page).getByRole("navigation").waitFor();
    await page.keyboard.press("Escape");
    await panel(page).waitFor({ state: "hidden" });
    expect(await page.evaluate('document.activeElement.shadowRoot.activeElement.getAttribute("part")')).toBe(
      "launcher",
    );
    const { width = 0, x = 0 } = (await button(page).boundingBox()) ?? {};
    expect([width, x > 900]).toEqual([56, true]);
  });

  it("stays open when Escape closes a dialog within it", async () => {
    const page = await open(DESKTOP);
    await button(page).click();
    await panel(page).getByRole("button", { name: "Details" }).click();
    await page.getByRole("dialog", { name: "Tea" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Tea" }).waitFor({ state: "hidden" });
    expect(await panel(page).isVisible()).toBe(true);
  });

  it("lets the page be used beside it, and keeps what was typed", async () => {
    const page = await open(DESKTOP);
    await button(page).click();
    // The input was rendered while the panel was closed, where nothing has a height.
    expect((await panel(page).getByRole("textbox").boundingBox())?.height).toBeGreaterThan(30);
    await panel(page).getByRole("textbox").fill("A draft");
    await page.evaluate('document.querySelector("h1").onclick = () => (document.title = "clicked")');
    await page.getByRole("heading", { name: "A shop" }).click();
    expect(await page.title()).toBe("clicked");
    await page.locator("nereid-chat").evaluate((it) => Object.assign(it, { open: false }));
    await panel(page).waitFor({ state: "hidden" });
    await button(page).click();
    expect(await panel(page).getByRole("textbox").inputValue()).toBe("A draft");
  });

  it("fills a phone's screen, and the back gesture closes it and not the page", async () => {
    const page = await open(PHONE, { meta: `<meta name="viewport" content="width=device-width">` });
    await page.evaluate('history.replaceState({ router: 1 }, "")');
    await button(page).tap();
    await panel(page).getByRole("textbox").waitFor();
    expect(await box(page)).toMatchObject({ x: 0, y: 0, width: 390, height: 844 });
    expect(await page.evaluate("history.state.router")).toBe(1);
    expect(await violations(page)).toEqual([]);
    await page.evaluate("history.back()");
    await panel(page).waitFor({ state: "hidden" });
    expect(page.url()).toBe(`${server.url}/host`);
    // Closed by its button, it leaves no entry behind that would swallow a step back.
    await button(page).tap();
    await panel(page).getByRole("textbox").waitFor();
    await panel(page).getByRole("button", { name: "Close the chat" }).tap();
    await panel(page).waitFor({ state: "hidden" });
    await expect.poll(() => page.evaluate("history.state")).toEqual({ router: 1 });
  });

  it("ends above the keyboard, and does not shrink or move when fingers zoom in", async () => {
    const page = await open(PHONE, { meta: `<meta name="viewport" content="width=device-width">` });
    await button(page).tap();
    await panel(page).getByRole("textbox").waitFor();
    const show = (view: { height: number; scale: number; offsetTop: number }) =>
      page.evaluate(`{
        for (const [name, value] of Object.entries(${JSON.stringify(view)}))
          Object.defineProperty(visualViewport, name, { configurable: true, get: () => value });
        visualViewport.dispatchEvent(new Event("resize"));
      }`);
    await show({ height: 500, scale: 1, offsetTop: 20 });
    await expect.poll(() => box(page)).toMatchObject({ y: 20, height: 500 });
    await show({ height: 422, scale: 2, offsetTop: 200 });
    await expect.poll(() => box(page)).toMatchObject({ y: 0, height: 844 });
    await show({ height: 250, scale: 2, offsetTop: 100 });
    await expect.poll(() => box(page)).toMatchObject({ y: 0, height: 500 });
  });

  it("tells the page when it opens and closes", async () => {
    const page = await open(DESKTOP);
    await page.evaluate(
      'window.seen = []; document.querySelector("nereid-chat").addEventListener("nereid-toggle", ({ detail }) => seen.push(detail.open))',
    );
    await button(page).click();
    await page.locator("nereid-chat").getByRole("button", { name: "Close the chat" }).first().click();
    await panel(page).waitFor({ state: "hidden" });
    expect(await page.evaluate("seen")).toEqual([true, false]);
  });

  it("stands at the left in a page from right to left", async () => {
    const page = await open(DESKTOP, { dir: "rtl" });
    expect((await button(page).boundingBox())?.x).toBeLessThan(100);
    await button(page).click();
    expect((await box(page))?.x).toBeLessThan(100);
  });
});
