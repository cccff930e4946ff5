import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import * as v from "valibot";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host } from "./host.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";

// Lists the targets below 44 px and the fields below 16 px of text. The target of a checkbox is its label.
const SMALL = `
  [...document.querySelector("nereid-chat").shadowRoot.querySelectorAll("button, input, textarea, select")]
    .map((it) => ({ it, box: (it.type === "checkbox" ? it.closest("label") : it).getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0)
    .filter(({ it, box }) =>
      box.width < 44 || box.height < 44 || (it.localName !== "button" && parseFloat(getComputedStyle(it).fontSize) < 16))
    .map(({ it, box }) => it.outerHTML + box.width + " × " + box.height)
`;

describe.skipIf(!found)(named("<nereid-chat> on a touch screen"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let ann: Outsider;
  let ben: Outsider;
  let room: string;
  beforeAll(async () => {
    const opened = await openSite();
    ({ server, browser } = opened);
    return opened.close;
  });
  beforeEach(async () => {
    ({ ann, ben, room } = await openTeaRoom(server));
    context = await browser.newContext({ hasTouch: true, viewport: { width: 390, height: 844 } });
  });
  afterEach(() => context.close());

  const open = (more: Record<string, string> = {}) =>
    host(context, server, { token: ann.token, thread: room, ...more });
  const message = (page: Page, text: string): Locator =>
    page
      .getByRole("log")
      .getByRole("article")
      .filter({ has: page.locator(".text", { hasText: text }) });
  const field = (page: Page) => page.getByRole("textbox", { name: "Message Tea" });

  it("offers every action on a message in a sheet that a tap opens", async () => {
    await ben.say({ thread: room, text: "Tea?" });
    await ann.say({ thread: room, text: "Yes" });
    const page = await open();

    await message(page, "Tea?").locator(".bubble").tap();
    await page.getByRole("button", { name: "React" }).tap();
    await page.getByRole("button", { name: "React with 🎉" }).tap();
    await message(page, "Tea?").getByRole("button", { name: "🎉 You" }).waitFor();
    await page.getByRole("dialog").waitFor({ state: "detached" });

    await message(page, "Tea?").locator(".bubble").tap();
    await page.getByRole("button", { name: "Reply" }).tap();
    await page.getByText("Replying to Ben").waitFor();
    await field(page).fill("With milk");
    await page.getByRole("button", { name: "Send" }).tap();
    await message(page, "With milk").getByRole("button", { name: "Ben Tea?" }).waitFor();

    await message(page, "Yes").locator(".bubble").tap();
    await page.getByRole("button", { name: "Edit" }).tap();
    await field(page).fill("Yes, please");
    await page.getByRole("button", { name: "Save" }).tap();
    await message(page, "Yes, please").getByText("edited").waitFor();

    await message(page, "Yes, please").locator(".bubble").tap();
    await page.getByRole("button", { name: "Delete" }).tap();
    await page.getByRole("button", { name: "Delete" }).tap();
    await page.getByRole("log").getByText("This message was deleted.").waitFor();
  });

  it("opens the sheet on a long press, too, and closes it on a tap outside", async () => {
    await ben.say({ thread: room, text: "Tea?" });
    const page = await open();
    // Nothing moves any more once the history is loaded.
    await page.getByText("This is where the conversation begins.").waitFor();
    const box = await message(page, "Tea?").locator(".bubble").boundingBox();
    const [x, y] = [(box?.x ?? 0) + 10, (box?.y ?? 0) + 10];
    const session = await context.newCDPSession(page);
    await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x, y }] });
    await page.getByRole("dialog").waitFor();
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await page.getByRole("button", { name: "Reply" }).waitFor();
    await page.touchscreen.tap(195, 100);
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  it("has targets of 44 px, and fields that iOS does not zoom into", async () => {
    const { id } = await ben.say({ thread: room, text: "Tea?" });
    await ann.send({ type: "reaction", reaction: { thread: room, id, emoji: "🎉" } });
    const page = await open();
    await message(page, "Tea?").getByRole("button", { name: "🎉 You" }).waitFor();
    const small = async () => v.parse(v.array(v.string()), await page.evaluate(SMALL));
    expect(await small()).toEqual([]);
    await page.getByRole("button", { name: "Details" }).tap();
    expect(await small()).toEqual([]);
    await page.getByRole("button", { name: "Close" }).tap();
    await message(page, "Tea?").locator(".text").tap();
    expect(await small()).toEqual([]);
    await page.getByRole("button", { name: "Close" }).tap();
    await page.getByRole("button", { name: "Back to the conversations" }).tap();
    expect(await small()).toEqual([]);
    await page.getByRole("button", { name: "New conversation" }).tap();
    expect(await small()).toEqual([]);
  });

  it("breaks the line with Enter, unless the page chooses that it sends", async () => {
    const page = await open();
    await field(page).tap();
    await page.keyboard.type("one");
    await page.keyboard.press("Enter");
    await page.keyboard.type("two");
    expect(await field(page).inputValue()).toBe("one\ntwo");
    await page.getByRole("button", { name: "Send" }).tap();
    await message(page, "two").waitFor();
    const other = await open({ enter: "send" });
    await field(other).fill("three");
    await field(other).press("Enter");
    await message(other, "three").waitFor();
  });
});
