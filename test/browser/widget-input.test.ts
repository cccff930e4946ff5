import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asThread, asThreads, type Outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host } from "./host.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";

describe.skipIf(!found)(named("the input of <nereid-chat>"), () => {
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

  const open = (about = {}) => host(context, server, { token: ann.token, thread: room }, about);
  const field = (page: Page) => page.getByRole("textbox", { name: "Message Tea" });
  const message = (page: Page, text: string): Locator =>
    page
      .getByRole("log")
      .getByRole("article")
      .filter({ has: page.locator(".text", { hasText: text }) });

  it("does not send the word that Enter confirms in an input method, as Safari reports it", async () => {
    const page = await open();
    await field(page).fill("かな");
    await page.evaluate(`{
      const field = document.querySelector("nereid-chat").shadowRoot.querySelector("textarea");
      field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true }));
      const init = { key: "Enter", keyCode: 229, bubbles: true, composed: true, cancelable: true };
      field.dispatchEvent(new KeyboardEvent("keydown", init));
    }`);
    expect(await field(page).inputValue()).toBe("かな");
    await field(page).press("Enter");
    await message(page, "かな").waitFor();
  });

  it("keeps a text that is too long, with the reason", async () => {
    const page = await open();
    const text = "漢".repeat(3_000);
    await field(page).fill(text);
    await field(page).press("Enter");
    await page.getByText("This is too long.").waitFor();
    expect(await field(page).inputValue()).toBe(text);
    await field(page).fill("short");
    await field(page).press("Enter");
    await message(page, "short").waitFor();
    expect(await page.getByText("This is too long.").count()).toBe(0);
  });

  it("keeps an edit that is refused, with the reason", async () => {
    const { id } = await ann.say({ thread: room, text: "x" });
    const page = await open();
    await message(page, "x").waitFor();
    await field(page).press("ArrowUp");
    const long = "y".repeat(9_000);
    await field(page).fill(long);
    await field(page).press("Enter");
    await page.getByText("This is too long.").waitFor();
    expect(await field(page).inputValue()).toBe(long);
    await ann.send({ type: "retract", retract: { thread: room, id } });
    await field(page).fill("changed");
    await field(page).press("Enter");
    await page.getByText("This message is not there any more.").waitFor();
    expect(await field(page).inputValue()).toBe("changed");
    await field(page).press("Escape");
    expect(await field(page).inputValue()).toBe("");
  });

  it("keeps an edit and a reply while another conversation is shown, and an edit that is refused meanwhile", async () => {
    await ann.call("POST", "threads", { kind: "room", members: [ben.entity], subject: "Milk" });
    await ben.say({ thread: room, text: "With sugar?" });
    const { id } = await ann.say({ thread: room, text: "Yes" });
    const page = await open();
    const other = page.getByRole("navigation").getByRole("button", { name: "Milk" });
    const away = async () => {
      await other.click();
      await page.getByRole("textbox", { name: "Message Milk" }).waitFor();
      expect(await page.getByRole("textbox", { name: "Message Milk" }).inputValue()).toBe("");
    };
    const back = async () => {
      await page.getByRole("navigation").getByRole("button", { name: "Tea" }).click();
      await field(page).waitFor();
    };
    await message(page, "With sugar?").hover();
    await page.getByRole("button", { name: "Reply" }).click();
    await field(page).fill("No");
    await away();
    await back();
    await page.getByText("Replying to Ben").waitFor();
    expect(await field(page).inputValue()).toBe("No");
    await page.keyboard.press("Escape");
    await field(page).fill("");
    await field(page).press("ArrowUp");
    await field(page).fill("Yes, please");
    await away();
    await back();
    await page.getByText("Editing your message").waitFor();
    expect(await field(page).inputValue()).toBe("Yes, please");
    let held = () => {};
    await page.route("**/nereid-chat/send/**", async (route) => {
      await new Promise<void>((resolve) => {
        held = resolve;
      });
      await route.continue();
    });
    await field(page).press("Enter");
    await away();
    await ann.send({ type: "retract", retract: { thread: room, id } });
    held();
    await page.getByText("This message is not there any more.").waitFor();
    await back();
    expect(await field(page).inputValue()).toBe("Yes, please");
  });

  it("makes one room of a double click, however slow the network is", async () => {
    const page = await open();
    await page.route("**/nereid-chat/threads", async (route) => {
      await page.waitForTimeout(500);
      await route.continue();
    });
    await page.getByRole("button", { name: "New conversation" }).click();
    await page.getByRole("textbox", { name: "Name of the room" }).fill("Cake");
    await page.getByRole("button", { name: "Start", exact: true }).dblclick();
    await page.getByRole("heading", { name: "Cake" }).waitFor();
    await page.waitForTimeout(700);
    const cakes = asThreads(await ann.call("GET", "threads")).filter(({ subject }) => subject === "Cake");
    expect(cakes.length).toBe(1);
  });

  it("asks before somebody leaves a room", async () => {
    const page = await open();
    await page.getByRole("button", { name: "Details" }).click();
    await page.getByRole("button", { name: "Leave" }).click();
    expect((await ann.thread(room)).memberCount).toBe(2);
    await page.getByRole("button", { name: "Leave: are you sure?" }).click();
    await page.getByText("Choose a conversation").waitFor();
    expect((await ben.thread(room)).memberCount).toBe(1);
  });

  it("does not take a double click for the answer to the question that its first click asks", async () => {
    await ann.say({ thread: room, text: "keep" });
    const page = await open();
    await message(page, "keep").hover();
    await message(page, "keep").getByRole("button", { name: "Delete" }).dblclick();
    await page.getByRole("button", { name: "Details" }).click();
    await page.getByRole("button", { name: "Leave" }).dblclick();
    await page.getByRole("button", { name: "Leave: are you sure?" }).waitFor();
    // As long as a request would take.
    await page.waitForTimeout(500);
    expect((await ann.thread(room)).memberCount).toBe(2);
    expect(await message(page, "keep").count()).toBe(1);
  });

  it("does not mark a message as edited whose text is left as it was", async () => {
    await ann.say({ thread: room, text: "same" });
    const page = await open();
    await message(page, "same").waitFor();
    await field(page).press("ArrowUp");
    await page.getByText("Editing").waitFor();
    await field(page).press("Enter");
    await page.getByText("Editing").waitFor({ state: "detached" });
    await page.waitForTimeout(500);
    expect(await message(page, "same").getByText("edited").count()).toBe(0);
  });

  it("keeps the drafts of two tabs, each in its conversation", async () => {
    const members = [ben.entity];
    const cake = asThread(await ann.call("POST", "threads", { kind: "room", members, subject: "Cake" })).id;
    const input = (page: Page) => page.getByRole("textbox", { name: /^Message/ });
    const tabs = [await open(), await host(context, server, { token: ann.token, thread: cake })];
    for (const tab of tabs) await input(tab).waitFor();
    for (const [at, tab] of tabs.entries()) await input(tab).fill(`draft ${at}`);
    for (const tab of tabs) await tab.close();
    const later = await open();
    await expect.poll(() => input(later).inputValue()).toBe("draft 0");
  });

  it("offers the usual emoji where a framework sets the property to undefined", async () => {
    await ben.say({ thread: room, text: "Tea?" });
    const page = await open();
    await page.locator("nereid-chat").evaluate((it) => void Object.assign(it, { emoji: undefined }));
    await message(page, "Tea?").hover();
    await message(page, "Tea?").getByRole("button", { name: "React" }).click();
    await message(page, "Tea?").getByRole("button", { name: "React with 👍" }).waitFor();
  });

  it("takes properties that a framework sets to null or an empty text for absent", async () => {
    await ben.say({ thread: room, text: "Tea?" });
    const page = await host(context, server, {});
    await page.locator("nereid-chat").evaluate((it, token) => {
      const empty = { thread: null, to: "", chat: null, url: null, basePath: null, tokenUrl: null, inviteUrl: null };
      Object.assign(it, empty, { token });
    }, ann.token);
    await page.getByText("Choose a conversation").waitFor();
    await page.getByRole("button", { name: "Tea" }).click();
    await message(page, "Tea?").waitFor();
  });

  it("moves the focus to the visible pane in the narrow layout, and goes back by Escape", async () => {
    const page = await open();
    await page.setViewportSize({ width: 400, height: 700 });
    const focused = () => page.locator("nereid-chat").evaluate((it) => it.shadowRoot?.activeElement?.className);
    await field(page).press("Escape");
    await expect.poll(focused).toBe("thread");
    await page.keyboard.press("Enter");
    await expect.poll(focused).toBe("log");
  });
});
