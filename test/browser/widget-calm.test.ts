import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host } from "./host.js";
import { openSite } from "./opened-site.js";
import { png, txt, uploaded } from "./sample-files.js";
import { openTeaRoom } from "./tea-room.js";

const folder = join(tmpdir(), `chat-files-${randomBytes(6).toString("hex")}`);
// Notes by how much things move without the user's doing (https://wicg.github.io/layout-instability/).
const SHIFTS = `window.movers = [];
  new PerformanceObserver((list) => movers.push(...list.getEntries().map(({ value }) => value)))
    .observe({ type: "layout-shift", buffered: true });`;

describe.skipIf(!found)(named("<nereid-chat>, while what it shows arrives in parts"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let ann: Outsider;
  let ben: Outsider;
  let room: string;
  beforeAll(async () => {
    const opened = await openSite({ CHAT_FILES_FOLDER: folder });
    ({ server, browser } = opened);
    return opened.close;
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    ({ ann, ben, room } = await openTeaRoom(server));
    context = await browser.newContext({ viewport: { width: 900, height: 700 } });
    await context.addInitScript(SHIFTS);
  });
  afterEach(() => context.close());

  /** Has requests with this in their URL wait until the function that is returned is called. */
  const hold = async (url: string) => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await context.route(url, async (route) => {
      await released;
      await route.continue();
    });
    return release;
  };
  const open = async () => host(context, server, { token: (await server.token(ann.entity)).token, thread: room });
  const message = (page: Page, text: string) =>
    page
      .getByRole("log")
      .getByRole("article")
      .filter({ has: page.locator(".text", { hasText: text }) });
  const say = async (count: number) => {
    for (let i = 1; i <= count; i++) await ben.say({ thread: room, text: `no ${i}.` });
  };

  it.each([2, 40])("moves next to nothing when the history follows the newest of %d messages", async (count) => {
    await say(count);
    const release = await hold("**/messages?*");
    const page = await open();
    await message(page, `no ${count}.`).waitFor();
    // The last of what is loaded beside it.
    await page.locator(".attach").first().waitFor();
    await page.waitForTimeout(500);
    await page.evaluate("movers.splice(0)");
    release();
    await message(page, "no 1.").waitFor({ state: "attached" });
    await page.waitForTimeout(500);
    // The name above a message goes when the one before it is of the same sender. From 0.1 on, browsers' makers call a page restless.
    expect(await page.evaluate("movers.reduce((sum, it) => sum + it, 0)")).toBeLessThan(0.05);
  });

  it("shows the day over the messages while the user scrolls, and covers nothing at rest", async () => {
    await say(40);
    const page = await open();
    await message(page, "no 1.").waitFor({ state: "attached" });
    const chip = async () => (await page.locator(".day span").boundingBox())?.y ?? 0;
    const { y: top = 0 } = (await page.getByRole("log").boundingBox()) ?? {};
    expect(await chip()).toBeLessThan(top);
    await page.getByRole("log").hover();
    await page.mouse.wheel(0, -60);
    await expect.poll(chip, { interval: 20 }).toBeGreaterThan(top);
    await expect.poll(chip).toBeLessThan(top);
    // Where the day begins, it stays.
    await page.mouse.wheel(0, -5_000);
    await page.waitForTimeout(1_200);
    expect(await chip()).toBeGreaterThan(top);
  });

  it("keeps the place of files until what draws them is loaded", async () => {
    const shot = { ...(await uploaded(server, ben, png("tall.png", 300, 400))), width: 300, height: 400 };
    const note = await uploaded(server, ben, txt("note.txt"));
    await ben.say({ thread: room, text: "Look", attachments: [shot, note] });
    const release = await hold("**/widget-files.js");
    const page = await open();
    await message(page, "Look").waitFor();
    await page.waitForTimeout(500);
    const size = async () => (await message(page, "Look").locator(".bubble").boundingBox()) ?? { width: 0, height: 0 };
    const before = await size();
    release();
    await page.getByRole("button", { name: "Enlarge tall.png" }).waitFor();
    await page.waitForTimeout(200);
    const after = await size();
    expect(Math.abs(after.height - before.height)).toBeLessThan(12);
    expect(before.height).toBeGreaterThan(300);
  });
});
