import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { asThread, type Outsider, outsider, somebody } from "../support/outsider.js";
import { type Site, site } from "../support/site.js";
import { connectBrowser, found, named } from "./chromium.js";
import { host, violations } from "./host.js";

describe.skipIf(!found)(named("the input of <nereid-chat>"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let ann: Outsider;
  let ben: Outsider;
  let room: string;
  beforeAll(async () => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    server = await site(store);
    browser = await connectBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    ann = await outsider(server, somebody("ann"), { name: "Ann" });
    ben = await outsider(server, somebody("ben"), { name: "Ben" });
    room = asThread(await ann.call("POST", "threads", { kind: "room", members: [ben.entity], subject: "Tea" })).id;
    context = await browser.newContext({ viewport: { width: 900, height: 700 } });
    context.setDefaultTimeout(8_000);
  });
  afterEach(() => context.close());

  const open = async ({ token }: Outsider = ann) => {
    const page = await host(context, server, { token, thread: room });
    await page.getByText("This is where the conversation begins.").waitFor();
    return page;
  };
  const field = (page: Page) => page.getByRole("textbox", { name: "Message Tea" });
  const text = (page: Page) => field(page).inputValue();

  it("counts when little room is left, and keeps a text that is too long", async () => {
    const page = await open();
    await field(page).fill("a".repeat(7_000));
    expect(await page.getByText(/ left$/).count()).toBe(0);
    await field(page).fill("a".repeat(8_000));
    await page.getByText("192 left").waitFor();
    expect(await violations(page)).toEqual([]);
    await field(page).fill("ä".repeat(4_100));
    await page.getByText("-8 left").waitFor();
    await field(page).press("Control+Enter");
    await page.getByText("This is too long.").waitFor();
    expect(await text(page)).toHaveLength(4_100);
  });

  it("follows a draft to the user's other tabs, until it is sent, and to no other user's", async () => {
    const [page, other, his] = [await open(), await open(), await open(ben)];
    await field(page).fill("Half a sent");
    await expect.poll(() => text(other)).toBe("Half a sent");
    await field(other).fill("Half a sentence");
    await expect.poll(() => text(page)).toBe("Half a sentence");
    expect(await text(his)).toBe("");
    await field(other).press("Control+Enter");
    await expect.poll(() => text(page)).toBe("");
    await page.reload();
    await page.getByRole("log").getByText("Half a sentence").waitFor();
    expect(await text(page)).toBe("");
  });
});
