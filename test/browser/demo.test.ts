import { mkdtempSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { type Site, site } from "../support/site.js";
import { connectBrowser, found, named } from "./chromium.js";
import { violations } from "./host.js";

const PICTURE = "docs/chat.png";
// A README loads it before anything else.
const PICTURE_MAX = 300_000;

// Draws hills under a low sun, and returns it as PNG.
const VIEW = `(() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 400, height: 200 });
  const it = canvas.getContext("2d");
  const fill = (colour, draw) => { it.fillStyle = colour; it.beginPath(); draw(); it.fill(); };
  fill("#fbe3c0", () => it.rect(0, 0, 400, 200));
  fill("#f4a261", () => it.arc(290, 96, 30, 0, 7));
  const hill = (colour, x, y, width, height) => fill(colour, () => it.ellipse(x, y, width, height, 0, 0, 7));
  hill("#8fb8a8", 90, 210, 190, 110);
  hill("#5f9488", 300, 230, 210, 110);
  hill("#0b6b64", 140, 260, 260, 100);
  return canvas.toDataURL("image/png").split(",")[1];
})()`;

const folder = mkdtempSync(join(tmpdir(), "demo-"));

describe.skipIf(!found)(named("the page at /"), () => {
  let server: Site;
  let strict: Site;
  let browser: Browser;
  let context: BrowserContext;
  let beside: BrowserContext;
  beforeAll(async () => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    [server, strict] = await Promise.all([
      site(store, { CHAT_GUESTS: "1", CHAT_FILES_FOLDER: folder }),
      site(store, { CHAT_GUESTS: "0" }),
    ]);
    browser = await connectBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([server?.stop(), strict?.stop()]);
    await rm(folder, { recursive: true, force: true });
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
  const act = async (page: Page, text: string, ...names: string[]) => {
    const message = page.getByRole("article").filter({ has: page.locator(".text", { hasText: text }) });
    await message.hover();
    for (const name of names) await message.getByRole("button", { name, exact: true }).click();
  };
  /** Puts a picture of a view out of a train into the message that is being written. */
  const attach = async (page: Page) => {
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      page.getByRole("button", { name: "Attach files", exact: true }).click(),
    ]);
    const drawn = await page.evaluate<string>(VIEW);
    await chooser.setFiles([{ name: "view.png", mimeType: "image/png", buffer: Buffer.from(drawn, "base64") }]);
    await page.getByRole("list", { name: "Files of your message" }).getByText("view.png").waitFor();
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
      await act(hers, "Did the deploy go through?", "Reply");
      await say(hers, "Yes, while my train was in the tunnel.");
      await attach(hers);
      await say(hers, "All seven messages arrived, once.");
      await his
        .getByRole("button", { name: /^Enlarge/ })
        .locator("img")
        .waitFor();
      await act(his, "arrived, once.", "React", "React with 🎉");
      await field(his).pressSequentially("@An");
      await field(his).press("Enter");
      await field(his).pressSequentially("is anything of mine **missing** on your side?");
      await field(his).press("Control+Enter");
      await hers.getByRole("log").getByText("is anything of mine").waitFor();
      await say(hers, "Nothing. Look at the counters.");
      await hers.getByRole("article").last().getByText("Read by Ben").waitFor();
      // No message shows its actions.
      for (const page of [hers, his]) await page.mouse.move(0, 0);
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
      body { margin: 0; background: #dcebe7; }
      img { position: absolute; border-radius: 14px; box-shadow: 0 24px 60px -20px #0a28265c, 0 0 0 1px #0a28261f; }
    </style>
    <img src="data:image/png;base64,${left}" style="left: 40px; top: 40px; height: 724px; width: 1010px; object-fit: cover; object-position: top">
    <img src="data:image/png;base64,${right}" style="right: 32px; bottom: 32px">`);
  return await frame.screenshot();
}
