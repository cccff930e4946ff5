import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asThread, type Outsider, outsider, somebody } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host } from "./host.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";

describe.skipIf(!found)(named("the focus in <nereid-chat>"), () => {
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
    context = await browser.newContext({ viewport: { width: 900, height: 700 } });
  });
  afterEach(() => context.close());

  const open = () => host(context, server, { token: ann.token, thread: room });
  const message = (page: Page, text: string): Locator =>
    page
      .getByRole("log")
      .getByRole("article")
      .filter({ has: page.locator(".text", { hasText: text }) });

  const focused = (page: Page) =>
    page.locator("nereid-chat").evaluate((it) => it.shadowRoot?.activeElement?.classList.item(0));
  /** Works a button by the keyboard. */
  const press = async (page: Page, name: string) => {
    await page.getByRole("button", { name, exact: true }).focus();
    await page.keyboard.press("Enter");
  };

  it("goes to the input when a reply is cancelled", async () => {
    await ben.say({ thread: room, text: "Tea?" });
    const page = await open();
    await message(page, "Tea?").hover();
    await message(page, "Tea?").getByRole("button", { name: "Reply" }).click();
    await press(page, "Cancel");
    await page.getByText("Replying to Ben").waitFor({ state: "detached" });
    await expect.poll(() => focused(page)).toBe("area");
  });

  it("goes to the input when a message is sent by the button", async () => {
    const page = await open();
    await page.getByRole("textbox", { name: "Message Tea" }).fill("Tea?");
    await press(page, "Send");
    await message(page, "Tea?").waitFor();
    await expect.poll(() => focused(page)).toBe("area");
  });

  it("stays in the messages when the button to the newest one has done its work", async () => {
    for (let n = 1; n <= 30; n++) await ben.say({ thread: room, text: `no ${n}.` });
    const page = await open();
    // The newest one is there before its history: until then nothing can be scrolled.
    await message(page, "no 1.").waitFor({ state: "attached" });
    await page.getByRole("log").evaluate((it) => it.scrollTo({ top: -500 }));
    const newest = page.getByRole("button", { name: "To the newest message" });
    await newest.waitFor();
    await press(page, "To the newest message");
    await newest.waitFor({ state: "detached" });
    await expect.poll(() => focused(page)).toBe("log");
  });

  it("goes to the message when the user's reaction, the only one, is taken back", async () => {
    const { id } = await ben.say({ thread: room, text: "Tea?" });
    await ann.send({ type: "reaction", reaction: { thread: room, id, emoji: "🎉" } });
    const page = await open();
    const reaction = message(page, "Tea?").getByRole("button", { name: "🎉 You" });
    await reaction.focus();
    await page.keyboard.press("Enter");
    await reaction.waitFor({ state: "detached" });
    await expect.poll(() => focused(page)).toBe("row");
  });

  it.each(["Copy", "Seen by", "Report"])(
    "stays at the message when the action %j was taken by the keyboard",
    async (name) => {
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await ben.say({ thread: room, text: "Tea?" });
      const page = await open();
      await message(page, "Tea?").focus();
      await press(page, name);
      if (name === "Copy") await expect.poll(() => page.evaluate("navigator.clipboard.readText()")).toBe("Tea?");
      else await page.getByRole("dialog").waitFor();
      await page.keyboard.press("Escape");
      await expect.poll(() => focused(page)).toMatch(name === "Copy" ? /^(row|log)$/ : /^row$/);
    },
  );

  it("goes to the link of an invite", async () => {
    const page = await open();
    await page.getByRole("button", { name: "Details" }).click();
    await press(page, "Invite by link");
    await page.getByRole("textbox", { name: "Invite by link" }).waitFor();
    await expect.poll(() => focused(page)).toBe("field");
  });

  it("goes to the list when the conversation is left, and to what begins one when it was the last", async () => {
    await ann.say({ to: [ben.entity], text: "Hello" });
    const cake = { kind: "room", members: [ben.entity], subject: "Cake" };
    const last = await outsider(server, somebody("cid"), { name: "Cid" });
    const lonely = asThread(await last.call("POST", "threads", cake)).id;
    const pages = [await open(), await host(context, server, { token: last.token, thread: lonely })];
    for (const page of pages) {
      await page.getByRole("button", { name: "Details" }).click();
      await press(page, "Leave");
      await press(page, "Leave: are you sure?");
      await page.getByText("Choose a conversation").waitFor();
    }
    const names = () => Promise.all(pages.map(focused));
    await expect.poll(names).toEqual(["thread", "tool"]);
  });
});
