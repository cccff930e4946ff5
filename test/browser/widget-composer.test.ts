import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host, violations } from "./host.js";
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
