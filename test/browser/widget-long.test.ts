import type { Browser, BrowserContext, Page } from "playwright-core";
import * as v from "valibot";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host } from "./host.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";

const MESSAGES = 700;
const ENVELOPE = 20;
const ROWS_MAX = 400;
const BEGINNING = "This is where the conversation begins.";

// Scrolls by so many pixels, again and again, until the log is at that end. Notes how many messages were in the page at most, and each time by how much
// a message moved otherwise than it was scrolled.
const travel = (px: number, end: string) => `new Promise((resolve) => {
  const root = document.querySelector("nereid-chat").shadowRoot;
  const log = root.querySelector(".log");
  const frame = () => new Promise(requestAnimationFrame);
  const step = async (rows, jumps) => {
    const { top, bottom } = log.getBoundingClientRect();
    const all = [...root.querySelectorAll(".row")];
    const row = all.find((it) => it.getBoundingClientRect().top > (top + bottom) / 2) ?? all.at(-1);
    const before = row.getBoundingClientRect().top;
    const from = log.scrollTop;
    log.scrollTop += ${px};
    const by = log.scrollTop - from;
    for (let i = 0; i < 4; i++) await frame();
    const moved = row.getBoundingClientRect().top - before + by;
    const most = Math.max(rows, root.querySelectorAll(".row").length);
    // The first message has a name above it, which goes when others come before it: it moves by that line.
    const noted = Math.abs(moved) > 40 ? [...jumps, moved] : jumps;
    if (${end}) resolve({ rows: most, jumps: noted }); else setTimeout(() => step(most, noted), 0);
  };
  step(0, []);
})`;
const AT_BEGINNING = `root.querySelector(".edge")?.textContent === "${BEGINNING}" && log.scrollHeight - log.clientHeight + log.scrollTop < 2`;
const AT_END = `root.querySelector(".newest") === null`;
const Travel = v.object({ rows: v.number(), jumps: v.array(v.number()) });

describe.skipIf(!found)(named("<nereid-chat> with a long conversation"), () => {
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
    ({ ann, ben, room } = await openTeaRoom(server));
    for (let i = 0; i < MESSAGES; i += ENVELOPE) {
      const stanzas = Array.from({ length: ENVELOPE }, (_, j) => ({
        type: "message",
        message: { thread: room, text: `no ${i + j + 1}. ${"words that fill a line or two ".repeat((i + j) % 7)}` },
      }));
      expect((await ben.send({ stanzas })).status).toBe(200);
    }
    await ann.send({ type: "receipt", receipt: { thread: room, seq: MESSAGES } });
    return opened.close;
  });
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 900, height: 700 } });
    context.setDefaultTimeout(10_000);
    page = await host(context, server, { token: (await server.token(ann.entity)).token, thread: room });
    await message(`no ${MESSAGES}.`).waitFor();
  });
  afterEach(() => context.close());

  const log = () => page.getByRole("log");
  const rows = () => log().getByRole("article");
  const message = (text: string) => rows().filter({ has: page.locator(".text", { hasText: text }) });
  const inWidget = (script: string) =>
    page.evaluate(`(() => { const root = document.querySelector("nereid-chat").shadowRoot; return ${script}; })()`);
  const isFocused = (text: string) => message(text).evaluate((it) => it.matches(":focus"));
  const go = async (px: number, end: string) => v.parse(Travel, await page.evaluate(travel(px, end)));
  /** Scrolls back far enough for the newest messages to leave the page. */
  const away = async () => {
    await go(-600, `root.querySelectorAll(".row").length > 300`);
    await expect.poll(() => message(`no ${MESSAGES}.`).count()).toBe(0);
  };

  it.each(["auto", "none"])(
    "keeps a part of it in the page, and never loses the place, with scroll anchoring %s",
    async (anchoring) => {
      await page.addStyleTag({ content: `nereid-chat::part(log) { overflow-anchor: ${anchoring} }` });
      const back = await go(-450, AT_BEGINNING);
      expect(back.jumps).toEqual([]);
      expect(back.rows).toBeLessThanOrEqual(ROWS_MAX);
      await message("no 1.").waitFor();
      const on = await go(450, AT_END);
      expect(on.jumps).toEqual([]);
      expect(on.rows).toBeLessThanOrEqual(ROWS_MAX);
      await message(`no ${MESSAGES}.`).waitFor();
    },
    60_000,
  );

  it("leads to the first and the last of the loaded messages by the keys, and from the log to what is in view", async () => {
    await away();
    await log().focus();
    await page.keyboard.press("ArrowUp");
    const box = await log().boundingBox();
    const focused = await log().locator(":focus").boundingBox();
    expect((focused?.y ?? 0) > (box?.y ?? 0) && (focused?.y ?? 0) < (box?.y ?? 0) + (box?.height ?? 0)).toBe(true);
    await page.keyboard.press("End");
    await expect.poll(() => isFocused(`no ${MESSAGES}.`)).toBe(true);
    await page.getByRole("button", { name: "To the newest message" }).waitFor({ state: "detached" });
  });

  it("moves the focus to the log where its message leaves the page", async () => {
    await message(`no ${MESSAGES - 1}.`).focus();
    await away();
    expect(await inWidget(`root.activeElement === root.querySelector(".log")`)).toBe(true);
  });

  it("keeps selected text in the page, however far it is scrolled away", async () => {
    const box = await message(`no ${MESSAGES}.`).locator(".text").boundingBox();
    if (box === null) throw new Error("Cannot see the message");
    await page.mouse.move(box.x + 2, box.y + 8);
    await page.mouse.down();
    await page.mouse.move(box.x + 60, box.y + 8, { steps: 4 });
    await page.mouse.up();
    await go(-600, `root.querySelectorAll(".row").length > 420`);
    await page.waitForTimeout(1_000);
    expect(await message(`no ${MESSAGES}.`).count()).toBe(1);
    await page.evaluate("getSelection().removeAllRanges()");
    await log().evaluate((it) => it.scrollBy({ top: -10 }));
    await expect.poll(() => message(`no ${MESSAGES}.`).count()).toBe(0);
  });

  it("shows what has changed in messages that were out of the page, and goes back to the newest", async () => {
    await away();
    const { id } = await ben.say({ thread: room, text: "A new one" });
    await page.getByTitle("To the newest message, 1 unread message", { exact: true }).waitFor();
    await ben.send({ type: "edit", edit: { thread: room, id, text: "An edited one" } });
    await page.getByRole("button", { name: "To the newest message" }).click();
    await message("An edited one").waitFor();
    expect(await rows().count()).toBeLessThanOrEqual(ROWS_MAX);
    await ben.send({ type: "retract", retract: { thread: room, id } });
  });

  it("announces what others write, and nothing that is scrolled into the page", async () => {
    await page.evaluate(`{
      const region = document.querySelector("nereid-chat").shadowRoot.querySelector("[aria-live=polite]");
      window.announced = [];
      new MutationObserver((all) => announced.push(...all.flatMap(({ addedNodes }) => [...addedNodes].map((it) => it.textContent)))).observe(region, { childList: true });
    }`);
    await away();
    expect(await log().getAttribute("aria-live")).toBe("off");
    await ben.say({ thread: room, text: "Tea is ready" });
    await expect.poll(() => page.evaluate("announced")).toEqual(["Ben: Tea is ready"]);
  });

  it("lists only so many of the loaded messages that a search finds", async () => {
    await go(-600, `root.querySelectorAll(".row").length > 300`);
    await context.route("**/nereid-chat/search?*", (route) => route.abort());
    await page.getByRole("searchbox", { name: "Search", exact: true }).fill("no");
    const list = page.getByRole("navigation");
    await list.getByText(`no ${MESSAGES}.`).first().waitFor();
    expect(await list.getByRole("button").count()).toBe(200);
  });

  it("prints all that is loaded", async () => {
    await go(-600, `root.querySelectorAll(".row").length > 300`);
    await expect.poll(() => rows().count()).toBeLessThan(260);
    await page.evaluate(`dispatchEvent(new Event("beforeprint"))`);
    expect(await rows().count()).toBeGreaterThan(300);
    await page.evaluate(`dispatchEvent(new Event("afterprint"))`);
    expect(await rows().count()).toBeLessThan(260);
  });
});
