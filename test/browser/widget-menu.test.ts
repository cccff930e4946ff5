import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asThread, type Outsider, outsider, somebody } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host, violations } from "./host.js";
import { openSite } from "./opened-site.js";

const WIDE = { viewport: { width: 900, height: 700 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe.skipIf(!found)(named("the menus of <nereid-chat>"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let ann: Outsider;
  let ben: Outsider;
  let [tea, cake]: string[] = [];
  beforeAll(async () => {
    const opened = await openSite();
    ({ server, browser } = opened);
    return opened.close;
  });
  beforeEach(async () => {
    ann = await outsider(server, somebody("ann"), { name: "Ann" });
    ben = await outsider(server, somebody("ben"), { name: "Ben" });
    const room = async (subject: string) =>
      asThread(await ann.call("POST", "threads", { kind: "room", members: [ben.entity], subject })).id;
    [tea, cake] = [await room("Tea"), await room("Cake")];
  });
  afterEach(() => context.close());

  const open = async (device: object, more: Record<string, string> = {}) => {
    context ??= await browser.newContext(device);
    return host(context, server, { token: ann.token, ...more });
  };
  const begin = async (device: object, more: Record<string, string> = {}) => {
    context = await browser.newContext(device);
    context.setDefaultTimeout(8_000);
    const page = await open(device, more);
    await item(page, "Tea").waitFor();
    return page;
  };
  const list = (page: Page) => page.getByRole("navigation");
  const item = (page: Page, title: string): Locator =>
    list(page)
      .locator(".thread")
      .filter({ has: page.locator("b", { hasText: title }) });
  const menu = (page: Page, title: string) => page.getByRole("dialog", { name: `Conversation actions: ${title}` });
  const act = async (page: Page, title: string, name: string) => {
    await item(page, title).click({ button: "right" });
    await menu(page, title).getByRole("button", { name, exact: true }).click();
    await expect.poll(() => menu(page, title).count()).toBe(0);
  };
  const titles = (page: Page) => list(page).locator(".thread b").allTextContents();

  it("pin a conversation, and take it back, in all tabs of the user", async () => {
    const [page, other] = [await begin(WIDE), await open(WIDE)];
    await expect.poll(() => titles(page)).toEqual(["Cake", "Tea"]);
    await act(page, "Tea", "Pin");
    for (const it of [page, other]) await expect.poll(() => titles(it)).toEqual(["Tea", "Cake"]);
    await item(page, "Tea").getByText("Pinned").waitFor();
    expect(await violations(page)).toEqual([]);
    await act(page, "Tea", "Unpin");
    for (const it of [page, other]) await expect.poll(() => titles(it)).toEqual(["Cake", "Tea"]);
  });

  it("mark a conversation as unread until it is opened, or marked as read", async () => {
    const page = await begin(WIDE, { thread: tea ?? "" });
    await page.getByRole("textbox", { name: "Message Tea" }).waitFor();
    await act(page, "Tea", "Mark as unread");
    await item(page, "Tea").getByText("Marked as unread").waitFor();
    expect(await page.getByRole("textbox", { name: "Message Tea" }).count()).toBe(0);
    await item(page, "Tea").click();
    await expect.poll(() => item(page, "Tea").getByText("Marked as unread").count()).toBe(0);
    await act(page, "Cake", "Mark as unread");
    await act(page, "Cake", "Mark as read");
    expect((await ann.thread(cake ?? "")).markedUnread).toBeUndefined();
    await ben.say({ thread: cake ?? "", text: "Cake?" });
    await item(page, "Cake").getByText("1 unread message").waitFor();
    await act(page, "Cake", "Mark as read");
    await expect.poll(() => item(page, "Cake").getByText("1 unread message").count()).toBe(0);
  });

  it("mute and hide a conversation, which is shown again among the hidden ones", async () => {
    const page = await begin(WIDE);
    await act(page, "Tea", "Mute");
    await act(page, "Tea", "Hide");
    await expect.poll(() => titles(page)).toEqual(["Cake"]);
    const hidden = page.getByRole("button", { name: "Hidden conversations" });
    await page.reload();
    await item(page, "Cake").waitFor();
    await hidden.click();
    await expect.poll(() => titles(page)).toEqual(["Tea"]);
    expect(await violations(page)).toEqual([]);
    await act(page, "Tea", "Show again");
    await page.getByText("Nothing is hidden.").waitFor();
    await hidden.click();
    await expect.poll(() => titles(page)).toEqual(["Cake", "Tea"]);
  });

  it("are opened, walked through and closed by the keyboard", async () => {
    const page = await begin(WIDE);
    await item(page, "Cake").focus();
    await page.keyboard.press("Shift+F10");
    await menu(page, "Cake").waitFor();
    expect(await violations(page)).toEqual([]);
    const focused = () =>
      page.locator("nereid-chat").evaluate(({ shadowRoot }) => shadowRoot?.activeElement?.textContent?.trim());
    expect(await focused()).toBe("Pin");
    await page.keyboard.press("End");
    expect(await focused()).toBe("Leave");
    await page.keyboard.press("Escape");
    await expect.poll(() => menu(page, "Cake").count()).toBe(0);
    await expect.poll(focused).toContain("Cake");
    await page.keyboard.press("Shift+F10");
    await page.keyboard.press("End");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await expect.poll(() => titles(page)).toEqual(["Tea"]);
  });

  it("are opened by the button that appears under the mouse", async () => {
    const page = await begin(WIDE);
    await item(page, "Tea").hover();
    await list(page).getByRole("button", { name: "Conversation actions" }).click();
    await menu(page, "Tea").getByRole("button", { name: "Details" }).click();
    await page.getByRole("heading", { name: "Tea" }).last().waitFor();
    await page.getByRole("textbox", { name: "Name of the room" }).waitFor();
  });

  it("are a sheet after a long press, with targets for fingers", async () => {
    const page = await begin(PHONE);
    const box = await item(page, "Tea").boundingBox();
    if (box === null) throw new Error("Cannot see the conversation");
    const touchPoints = [{ x: box.x + 40, y: box.y + 20 }];
    const session = await context.newCDPSession(page);
    await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
    await menu(page, "Tea").waitFor();
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    expect(await violations(page)).toEqual([]);
    const pin = menu(page, "Tea").getByRole("button", { name: "Pin", exact: true });
    expect((await pin.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    await pin.tap();
    await expect.poll(() => titles(page)).toEqual(["Tea", "Cake"]);
    // The press was no tap on the conversation.
    expect(await page.getByRole("log").count()).toBe(0);
  });

  it("forward a message to another conversation", async () => {
    await ben.say({ thread: tea ?? "", text: "Bring milk" });
    const page = await begin(WIDE, { thread: tea ?? "" });
    const message = page.getByRole("article").filter({ hasText: "Bring milk" });
    await message.hover();
    await message.getByRole("button", { name: "Forward" }).click();
    const dialog = page.getByRole("dialog", { name: "Forward to" });
    await dialog.getByRole("searchbox").fill("cak");
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Cake" }).click();
    await page.getByRole("textbox", { name: "Message Cake" }).waitFor();
    await page.getByRole("log").getByText("Bring milk").waitFor();
    await expect.poll(async () => (await ben.thread(cake ?? "")).last).toMatchObject({ text: "Bring milk" });
  });

  it("name those who have read a message, and those who have reacted to it", async () => {
    const { id, seq } = await ann.say({ thread: tea ?? "", text: "Read this" });
    await ben.send({ type: "reaction", reaction: { thread: tea, id, emoji: "🎉" } });
    const page = await begin(WIDE, { thread: tea ?? "" });
    const message = page.getByRole("article").filter({ hasText: "Read this" });
    await message.hover();
    await message.getByRole("button", { name: "Seen by" }).click();
    const dialog = page.getByRole("dialog", { name: "Seen by" });
    await dialog.getByText("Nobody has read it yet.").waitFor();
    await ben.send({ type: "receipt", receipt: { thread: tea, seq } });
    await expect.poll(() => dialog.getByRole("listitem").allTextContents()).toHaveLength(2);
    expect(await violations(page)).toEqual([]);
  });
});
