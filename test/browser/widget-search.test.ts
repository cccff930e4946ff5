import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host, violations } from "./host.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";

const WIDE = { viewport: { width: 900, height: 700 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };
const ENVELOPE = 20;

describe.skipIf(!found)(named("the search of <nereid-chat>, and where it leads"), () => {
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
  });
  afterEach(() => context.close());

  const open = async (device: object, thread = "") => {
    context = await browser.newContext(device);
    context.setDefaultTimeout(8_000);
    const { token } = await server.token(ann.entity, { name: "Ann" });
    return host(context, server, { token, thread });
  };
  const list = (page: Page) => page.getByRole("navigation");
  const log = (page: Page) => page.getByRole("log");
  const search = (page: Page) => page.getByRole("searchbox", { name: "Search", exact: true });
  const result = (page: Page, text: string): Locator => list(page).getByRole("button").filter({ hasText: text });
  const row = (page: Page, text: string) =>
    log(page)
      .getByRole("article")
      .filter({ has: page.locator(".text").getByText(text, { exact: true }) });
  const isFocused = (it: Locator) => it.evaluate((element) => element.matches(":focus"));
  /** Has Ben say things, many in one request. */
  const talk = async (texts: string[]) => {
    for (let i = 0; i < texts.length; i += ENVELOPE) {
      const some = texts.slice(i, i + ENVELOPE);
      const stanzas = some.map((text) => ({ type: "message", message: { thread: room, text } }));
      expect((await ben.send({ stanzas })).status).toBe(200);
    }
  };
  const lines = (count: number) => Array.from({ length: count }, (_, i) => `no ${i + 1}.`);

  it("finds messages that were never loaded, marks the words, and shows one amid those before and after it", async () => {
    await talk(["It begins", ...lines(60), "The Café is where we drink tea", ...lines(200).map((it) => `later ${it}`)]);
    const page = await open(WIDE);
    await search(page).fill("cafe");
    const hit = result(page, "The Café is where");
    await hit.waitFor();
    expect(await hit.locator("mark").allTextContents()).toEqual(["Café"]);
    expect(await violations(page)).toEqual([]);
    await hit.click();
    const message = row(page, "The Café is where we drink tea");
    await expect.poll(() => isFocused(message)).toBe(true);
    await row(page, "no 60.").waitFor();
    await row(page, "later no 1.").waitFor();
    expect(await row(page, "later no 200.").count()).toBe(0);

    // What comes meanwhile is unread, and does not move what is read.
    const before = await message.boundingBox();
    await ben.say({ thread: room, text: "Just now" });
    const newest = page.getByTitle(/^To the newest message, 2\d\d unread messages/);
    await newest.waitFor();
    expect((await message.boundingBox())?.y).toBe(before?.y);
    await newest.click();
    await row(page, "Just now").waitFor();
    expect(await row(page, "The Café is where we drink tea").count()).toBe(0);
  });

  it("scrolls on from there both ways, without a jump, until the newest message", async () => {
    await talk(["needle", ...lines(150)]);
    const page = await open(WIDE);
    await search(page).fill("needle");
    await result(page, "needle").click();
    await expect.poll(() => isFocused(row(page, "needle"))).toBe(true);
    await page.getByText("This is where the conversation begins.").waitFor();
    let seen = 0;
    await expect
      .poll(
        async () => {
          const shown = await page.locator("nereid-chat").evaluate(({ shadowRoot }) => {
            const box = shadowRoot?.querySelector(".log")?.getBoundingClientRect();
            const inView = [...(shadowRoot?.querySelectorAll(".row") ?? [])].filter((it) => {
              const { top, bottom } = it.getBoundingClientRect();
              return box !== undefined && bottom > box.top && top < box.bottom;
            });
            return inView.map((it) => Number(/no (\d+)\./.exec(it.textContent ?? "")?.[1] ?? 0));
          });
          // Each look goes on from where the last one ended: less than what is in view is scrolled by.
          expect(Math.min(...shown)).toBeLessThanOrEqual(seen + 1);
          seen = Math.max(seen, ...shown);
          await log(page).evaluate((it) => it.scrollBy({ top: 300 }));
          return seen;
        },
        { timeout: 15_000, interval: 50 },
      )
      .toBe(150);
    await expect.poll(() => page.getByRole("button", { name: /^To the newest/ }).count()).toBe(0);
  });

  it("goes on where the server has found only a part, and says when there is nothing", async () => {
    await talk(Array.from({ length: 45 }, (_, i) => `apple ${i + 1}.`));
    const page = await open(WIDE);
    await search(page).fill("apple");
    const more = page.getByRole("button", { name: "More results" });
    await more.waitFor();
    const before = await list(page).getByRole("button").count();
    await more.click();
    await expect.poll(() => list(page).getByRole("button").count()).toBeGreaterThan(before);
    await search(page).fill("pear");
    await page.getByText("Nothing found.").waitFor();
  });

  it("is used by the keyboard alone", async () => {
    await talk(["needle one", ...lines(120)]);
    const page = await open(WIDE);
    await search(page).focus();
    await page.keyboard.type("needle");
    await result(page, "needle one").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect.poll(() => isFocused(row(page, "needle one"))).toBe(true);
  });

  it("is used by a finger, and searches what is loaded where the deployment cannot be reached", async () => {
    await talk(["needle two", ...lines(120), "needle three"]);
    const page = await open(PHONE);
    await search(page).tap();
    await page.keyboard.insertText("needle");
    await result(page, "needle two").tap();
    await row(page, "needle two").waitFor();
    await page.getByRole("button", { name: "Back to the conversations" }).tap();
    await context.route("**/nereid-chat/search?*", (route) => route.abort());
    await search(page).fill("three");
    await page.getByText("Only what is loaded could be searched.").waitFor({ timeout: 20_000 });
    await result(page, "needle three").waitFor();
  });

  it("leads from a reply to the message that it replies to, though that is not loaded", async () => {
    const { id } = await ben.say({ thread: room, text: "The question" });
    await talk(lines(100));
    await ben.say({ thread: room, text: "The answer", replyTo: id });
    const page = await open(WIDE, room);
    await row(page, "The answer").getByRole("button", { name: "An earlier message" }).click();
    await expect.poll(() => isFocused(row(page, "The question"))).toBe(true);
  });

  it("leads to the first unread message, and says how many there are", async () => {
    await talk(["old"]);
    await ann.send({ type: "receipt", receipt: { thread: room, seq: 1 } });
    await talk(lines(130));
    const page = await open(WIDE, room);
    await page.getByRole("button", { name: "130 unread messages", exact: true }).click();
    await expect.poll(() => isFocused(row(page, "no 1."))).toBe(true);
    expect(await log(page).getByText("New messages").isVisible()).toBe(true);
    expect(await page.getByRole("button", { name: "130 unread messages", exact: true }).count()).toBe(0);
    expect(await violations(page)).toEqual([]);
  });
});
