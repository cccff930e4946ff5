import { readFile, writeFile } from "node:fs/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { type Site, site } from "../support/site.js";
import { connectBrowser, found, named } from "./chromium.js";
import { violations } from "./host.js";

const PICTURE = "docs/chat.png";
// A README loads it before anything else.
const PICTURE_MAX = 300_000;

describe.skipIf(!found)(named("the page at /"), () => {
  let server: Site;
  let strict: Site;
  let browser: Browser;
  let context: BrowserContext;
  let beside: BrowserContext;
  beforeAll(async () => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    [server, strict] = await Promise.all([site(store, { CHAT_GUESTS: "1" }), site(store, { CHAT_GUESTS: "0" })]);
    browser = await connectBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([server?.stop(), strict?.stop()]);
  });
  beforeEach(async () => {
    [context, beside] = await Promise.all([browser.newContext(), browser.newContext()]);
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  });
  afterEach(() => Promise.all([context.close(), beside.close()]));

  const enter = async (page: Page, name: string, address = server.url) => {
    await page.goto(address);
    await page.getByRole("textbox", { name: "What shall we call you?" }).fill(name);
    await page.getByRole("button", { name: "Start chatting" }).click();
  };
  const field = (page: Page) => page.getByRole("textbox", { name: /^Message / });
  const say = async (page: Page, text: string) => {
    await field(page).fill(text);
    await field(page).press("Enter");
  };
  const said = (page: Page) => page.getByRole("log").locator(".text").allTextContents();
  const counter = (page: Page, name: string) =>
    page.locator("#counters div").filter({ hasText: name }).locator("dd").textContent();
  /** Agrees to join the conversation that a link leads to. */
  const accept = (page: Page) => page.getByRole("button", { name: "Join", exact: true }).click();
  /** Ann in a room of hers, and Ben, who followed her link. */
  const meet = async () => {
    const hers = await context.newPage();
    await enter(hers, "Ann");
    await hers.getByRole("button", { name: "Copy the link" }).click();
    await hers.getByText("Copied. Send it to somebody.").waitFor();
    const link = await hers.evaluate<string>("navigator.clipboard.readText()");
    const his = await beside.newPage();
    await enter(his, "Ben", link);
    await accept(his);
    await field(his).waitFor();
    return [hers, his] as const;
  };

  it("opens a second window for a second user", async () => {
    const hers = await context.newPage();
    await enter(hers, "Ann");
    const [his] = await Promise.all([
      context.waitForEvent("page"),
      hers.getByRole("button", { name: "Open a second window" }).click(),
    ]);
    await accept(his);
    await say(his, "Hello from the other side");
    await hers.getByRole("log").getByText("Hello from the other side").waitFor();
    await hers.getByText("2 members, 2 online").waitFor();
    expect(await his.locator("#name").textContent()).not.toBe("Ann");
  });

  it("recovers after its network was unplugged, with the messages of both sides, and counts no loss", async () => {
    const [hers, his] = await meet();
    await say(hers, "before");
    await his.getByRole("log").getByText("before").waitFor();
    await hers.getByRole("switch", { name: "Network" }).click();
    await say(hers, "mine, in the tunnel");
    await say(his, "his, meanwhile");
    await hers.getByText("No connection.").waitFor();
    await expect.poll(() => counter(hers, "queued")).toBe("1");
    expect(await said(hers)).toEqual(["before", "mine, in the tunnel"]);
    await hers.getByRole("switch", { name: "Network" }).click();
    const all = ["before", "his, meanwhile", "mine, in the tunnel"];
    for (const page of [hers, his]) await expect.poll(() => said(page), { timeout: 15_000 }).toEqual(all);
    for (const name of ["queued", "lost", "repeats", "breaks"])
      await expect.poll(() => counter(hers, name), { message: name }).toBe("0");
  });

  it("recognises its user after a reload, and another one in another tab", async () => {
    const hers = await context.newPage();
    await enter(hers, "Ann");
    await say(hers, "still here");
    await hers.getByRole("log").getByText("still here").waitFor();
    await hers.reload();
    await hers.getByRole("log").getByText("still here").waitFor();
    const other = await context.newPage();
    await other.goto(server.url);
    expect(await other.getByRole("button", { name: "Start chatting" }).isVisible()).toBe(true);
  });

  it("explains how to integrate the chat where guests are not allowed", async () => {
    const page = await context.newPage();
    await enter(page, "Ann", strict.url);
    await page.getByRole("heading", { name: "This chat knows its people." }).waitFor();
    expect(await page.locator("#snippet").textContent()).toContain(
      `<script src="${strict.url}/nereid-chat/chat.js" defer>`,
    );
    expect(await violations(page)).toEqual([]);
  });

  it.each(["light", "dark"] as const)("violates no rule of axe in %s", async (colorScheme) => {
    const page = await context.newPage();
    await page.emulateMedia({ colorScheme });
    await page.goto(server.url);
    await page.getByRole("button", { name: "Start chatting" }).waitFor();
    expect(await violations(page)).toEqual([]);
    await enter(page, "Ann");
    await say(page, "Hello");
    await page.getByRole("log").getByText("Hello").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.setViewportSize({ width: 380, height: 760 });
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate("document.documentElement.scrollWidth > innerWidth")).toBe(false);
  });

  it("is pictured in the README as it is (UPDATE=1 takes the picture anew)", async () => {
    if (process.env.UPDATE === "1") {
      const [hers, his] = await meet();
      await hers.setViewportSize({ width: 1010, height: 724 });
      await his.setViewportSize({ width: 412, height: 590 });
      await say(his, "Did the deploy go through?");
      await hers.getByRole("log").getByText("Did the deploy go through?").waitFor();
      await say(hers, "Yes, while my train was in the tunnel.");
      await say(hers, "I wrote seven messages in there. All of them arrived, once.");
      await his.getByRole("log").getByText("arrived, once.").waitFor();
      await say(his, "And nothing of mine is missing on your side?");
      await say(his, "I killed the server twice meanwhile.");
      await hers.getByRole("log").getByText("I killed the server").waitFor();
      await say(hers, "Nothing. Look at the counters.");
      await hers.getByRole("article").last().getByText("Read by Ben").waitFor();
      for (const page of [hers, his]) await page.getByText("2 members, 2 online").waitFor();
      await writeFile(PICTURE, await picture(hers, his));
    }
    const { byteLength } = await readFile(PICTURE);
    expect(byteLength).toBeLessThan(PICTURE_MAX);
  });
});

/** Puts two windows beside each other. */
async function picture(hers: Page, his: Page): Promise<Buffer> {
  const [left, right] = await Promise.all(
    [hers.locator("body"), his.locator("nereid-chat")].map(async (it) => (await it.screenshot()).toString("base64")),
  );
  const frame = await hers.context().newPage();
  await frame.setViewportSize({ width: 1432, height: 804 });
  await frame.setContent(`
    <style>
      body { margin: 0; background: linear-gradient(120deg, #cfe9e5, #eaf1ee 55%, #dde9f2); }
      img { position: absolute; border-radius: 14px; box-shadow: 0 24px 60px -20px #0a28265c, 0 0 0 1px #0a28261f; }
    </style>
    <img src="data:image/png;base64,${left}" style="left: 40px; top: 40px; height: 724px; width: 1010px; object-fit: cover; object-position: top">
    <img src="data:image/png;base64,${right}" style="right: 32px; bottom: 32px">`);
  return await frame.screenshot();
}
