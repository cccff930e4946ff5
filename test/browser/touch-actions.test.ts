import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import * as v from "valibot";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Outsider, outsider, somebody } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host } from "./host.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";

// Lists the visible targets below 44 px and the fields below 16 px of text. The target of a checkbox is its label. Links inside a sentence
// are as high as its lines.
const SMALL = `
  [...document.querySelector("nereid-chat").shadowRoot.querySelectorAll("button, input, textarea, select, .file, .row:not(.gone)")]
    .map((it) => ({ it, box: (it.type === "checkbox" ? it.closest("label") : it).getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0)
    .filter(({ it, box }) =>
      box.width < 44 || box.height < 44 || (it.matches("input, textarea, select") && parseFloat(getComputedStyle(it).fontSize) < 16))
    .map(({ it, box }) => it.outerHTML.slice(0, 120) + " " + box.width + " × " + box.height)
`;

describe.skipIf(!found)(named("<nereid-chat> under a finger"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
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
    context.setDefaultTimeout(8_000);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  });
  afterEach(() => context.close());

  const open = async (more: Record<string, string> = {}) => {
    page = await host(context, server, { token: ann.token, thread: room, ...more });
    // Nothing moves any more once the history is loaded.
    await page.getByText("This is where the conversation begins.").waitFor();
  };
  const row = (text: string): Locator =>
    page
      .getByRole("log")
      .getByRole("article")
      .filter({ has: page.locator(".text", { hasText: text }) });
  const tap = (name: string) => page.getByRole("button", { name, exact: true }).tap();
  const field = () => page.getByRole("textbox", { name: "Message Tea" });
  const small = async () => v.parse(v.array(v.string()), await page.evaluate(SMALL));

  const bubble = (text: string) => row(text).locator(".bubble");
  const press = async (text: string) => {
    const box = await bubble(text).boundingBox();
    if (box === null) throw new Error(`Cannot see ${text}`);
    const touchPoints = [{ x: box.x + 10, y: box.y + 10 }];
    const session = await context.newCDPSession(page);
    await session.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
    await page.getByRole("dialog").waitFor();
    await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  };

  describe.each([
    { gesture: "a tap", on: (text: string) => bubble(text).tap() },
    { gesture: "a long press", on: press },
  ])("after $gesture on a message", ({ on }) => {
    it("takes every action on it", async () => {
      await ben.say({ thread: room, text: "Tea?" });
      await ann.say({ thread: room, text: "Yes" });
      await open();

      await on("Tea?");
      await tap("Copy");
      await expect.poll(() => page.evaluate("navigator.clipboard.readText()")).toBe("Tea?");

      await on("Tea?");
      await tap("React");
      await tap("React with 🎉");
      await row("Tea?").getByRole("button", { name: "🎉 You" }).waitFor();

      await on("Tea?");
      await tap("Reply");
      await field().fill("With milk");
      await tap("Send");
      await row("With milk").getByRole("button", { name: "Ben Tea?" }).waitFor();

      await on("Yes");
      await tap("Edit");
      await field().fill("Yes, please");
      await tap("Save");
      await row("Yes, please").getByText("edited").waitFor();

      await on("Yes, please");
      await tap("Delete");
      await tap("Delete");
      await page.getByRole("log").getByText("This message was deleted.").waitFor();
    });
  });

  it("does what a control in a message says at the first tap, and opens no sheet", async () => {
    const { id } = await ben.say({ thread: room, text: "1" });
    await ben.say({ thread: room, text: "2", replyTo: id });
    await ann.send({ type: "reaction", reaction: { thread: room, id, emoji: "🎉" } });
    for (const name of ["🎉 You", "Ben 1"]) {
      await open();
      await page.getByRole("log").getByRole("button", { name }).tap();
      // As long as a sheet would take to open.
      await page.waitForTimeout(200);
      expect(await page.getByRole("dialog").count(), name).toBe(0);
    }
  });

  it("finds every target large enough: what stands in messages, in their sheet, and above the input", async () => {
    const { id } = await ben.say({ thread: room, text: "1" });
    await ben.say({ thread: room, text: "2" });
    await ben.say({ thread: room, text: "3", replyTo: id });
    await ben.say({ thread: room, text: `long${"\n".repeat(40)}end` });
    await ben.say({ thread: room, attachments: [{ url: "https://a.example/x", name: "x", size: 1 }] });
    await ann.send({ type: "reaction", reaction: { thread: room, id, emoji: "🎉" } });
    await open();
    await row("long").getByRole("button", { name: "Show all" }).tap();
    await row("long").getByRole("button", { name: "Show less" }).waitFor();
    expect(await small()).toEqual([]);
    await page.getByRole("log").evaluate((it) => it.scrollTo({ top: -500 }));
    await page.getByRole("button", { name: "To the newest message" }).waitFor();
    expect(await small()).toEqual([]);
    await tap("To the newest message");

    await bubble("2").tap();
    await tap("React");
    expect(await small()).toEqual([]);
    await tap("React");
    await tap("Reply");
    await page.getByText("Replying to Ben").waitFor();
    expect(await small()).toEqual([]);
    await tap("Cancel");
    await context.setOffline(true);
    await field().fill("waits");
    await tap("Send");
    await page.getByRole("button", { name: "Do not send" }).waitFor();
    expect(await small()).toEqual([]);
  });

  it("finds every target large enough in details, invites, search and the question before joining", async () => {
    await ben.say({ thread: room, text: "Tea?" });
    await open();
    await tap("Details");
    await tap("Invite by link");
    await page.getByRole("textbox", { name: "Invite by link" }).waitFor();
    await tap("Leave");
    await page.getByRole("button", { name: "Leave: are you sure?" }).waitFor();
    expect(await small()).toEqual([]);
    const link = await page.getByRole("textbox", { name: "Invite by link" }).inputValue();
    await tap("Close");
    await tap("Back to the conversations");
    await page.getByRole("searchbox").fill("tea");
    await page.getByRole("navigation").getByRole("button").first().waitFor();
    expect(await small()).toEqual([]);

    const cid = await outsider(server, somebody("cid"), { name: "Cid" });
    page = await host(context, server, { token: cid.token });
    await page.goto("about:blank");
    await page.goto(link);
    await page.getByRole("heading", { name: /^Join/ }).waitFor();
    expect(await small()).toEqual([]);
  });
});
