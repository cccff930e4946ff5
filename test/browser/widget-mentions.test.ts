import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asPage, asThread, type Outsider, outsider, somebody } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host, violations } from "./host.js";
import { openSite } from "./opened-site.js";

describe.skipIf(!found)(named("mentions in <nereid-chat>"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let [ann, ben, bea]: Outsider[] = [];
  let room: string;
  beforeAll(async () => {
    const opened = await openSite();
    ({ server, browser } = opened);
    return opened.close;
  });
  beforeEach(async () => {
    ann = await outsider(server, somebody("ann"), { name: "Ann" });
    ben = await outsider(server, somebody("ben"), { name: "Ben Bell" });
    bea = await outsider(server, somebody("bea"), { name: "Bea" });
    const members = [ben.entity, bea.entity];
    room = asThread(await ann.call("POST", "threads", { kind: "room", members, subject: "Tea" })).id;
  });
  afterEach(() => context.close());

  const open = async (who: Outsider | undefined, device: object = { viewport: { width: 900, height: 700 } }) => {
    context = await browser.newContext(device);
    return host(context, server, { token: who?.token ?? "", thread: room });
  };
  const field = (page: Page) => page.getByRole("textbox", { name: "Message Tea" });
  const options = (page: Page) => page.getByRole("listbox", { name: "People" }).getByRole("option");
  const mention = (page: Page, text: string) => page.locator("nereid-chat .mention", { hasText: text });
  const newest = async () => ann && asPage(await ann.call("GET", `threads/${room}/messages?limit=1`)).messages.at(-1);

  it("are completed by the keyboard, sent with the message, and shown in it", async () => {
    const page = await open(ann);
    await field(page).pressSequentially("Well, @be");
    await expect
      .poll(() => options(page).allInnerTexts())
      .toEqual([expect.stringContaining("Ben Bell"), expect.stringContaining("Bea")]);
    expect(await field(page).getAttribute("aria-activedescendant")).toBe("mention-0");
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("ArrowDown");
    expect(await options(page).nth(1).getAttribute("aria-selected")).toBe("true");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    expect(await field(page).inputValue()).toBe("Well, @Ben Bell ");
    await field(page).pressSequentially("tea?");
    await page.keyboard.press("Enter");
    await mention(page, "@Ben Bell").waitFor();
    await expect.poll(newest).toMatchObject({ text: "Well, @Ben Bell tea?", mentions: [ben?.entity] });
  });

  it("are marked for the one who is meant", async () => {
    await ann?.say({ thread: room, text: "@Ben Bell and @Bea", mentions: [ben?.entity ?? "", bea?.entity ?? ""] });
    const page = await open(ben);
    await mention(page, "@Ben Bell").waitFor();
    const classes = page.locator("nereid-chat .mention");
    expect(await classes.evaluateAll((all) => all.map((it) => it.classList.contains("mine")))).toEqual([true, false]);
    expect(await violations(page)).toEqual([]);
  });

  it("find members beyond the hundred whom a thread names, and are shown with their names", async () => {
    const many = Array.from({ length: 230 }, (_, i) => `${room}-${i}`);
    for (let i = 0; i < many.length; i += 50)
      await ann?.call("PATCH", `threads/${room}`, { add: many.slice(i, i + 50) });
    const zoe = await outsider(server, many[225] ?? "", { name: "Zoë Zander" });
    const page = await open(ann);
    await field(page).pressSequentially("Hello @zo");
    await expect.poll(() => options(page).allInnerTexts()).toEqual([expect.stringContaining("Zoë Zander")]);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Enter");
    await mention(page, "@Zoë Zander").waitFor();
    await expect.poll(newest).toMatchObject({ mentions: [zoe.entity] });
  });

  it("are chosen by a tap", async () => {
    const page = await open(ann, { viewport: { width: 390, height: 844 }, hasTouch: true });
    await field(page).tap();
    await field(page).pressSequentially("@bel");
    const box = await options(page).first().boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(44);
    await options(page).first().tap();
    expect(await field(page).inputValue()).toBe("@Ben Bell ");
    expect(await field(page).evaluate((it) => it.matches(":focus"))).toBe(true);
  });

  it("are left by Escape, which does nothing else, and by text that fits nobody", async () => {
    const page = await open(ann);
    await field(page).pressSequentially("@b");
    await options(page).first().waitFor();
    await page.keyboard.press("Escape");
    expect(await options(page).count()).toBe(0);
    await field(page).pressSequentially("@x");
    expect(await options(page).count()).toBe(0);
    await page.keyboard.press("Enter");
    await expect.poll(newest).toMatchObject({ text: "@b@x" });
    expect((await newest())?.mentions).toBeUndefined();
  });

  it("are sent by Enter once one is taken, though a longer name begins with it", async () => {
    const short = await outsider(server, somebody("short"), { name: "Ben" });
    await ann?.call("PATCH", `threads/${room}`, { add: [short.entity] });
    const page = await open(ann);
    await field(page).pressSequentially("@ben");
    await expect.poll(() => options(page).count()).toBe(2);
    const first = (await options(page).first().textContent())?.trim().endsWith("Bell") ? 1 : 0;
    await options(page).nth(first).click();
    expect(await options(page).count()).toBe(0);
    await page.keyboard.press("Enter");
    await expect.poll(newest).toMatchObject({ text: "@Ben", mentions: [short.entity] });
  });

  it("of a guest are recognised in every language", async () => {
    const guest = await outsider(server, somebody("guest"), { name: "Zoe", actor: { objectType: "guest" } });
    await ann?.call("PATCH", `threads/${room}`, { add: [guest.entity] });
    await ann?.say({ thread: room, text: "@Zoe, tea?", mentions: [guest.entity] });
    await mention(await open(ben), "@Zoe").waitFor();
  });

  it("of everybody are for owners", async () => {
    const page = await open(ann);
    await field(page).pressSequentially("@al");
    await options(page).first().waitFor();
    await page.keyboard.press("Tab");
    await field(page).pressSequentially("tea?");
    await page.keyboard.press("Enter");
    await expect.poll(newest).toMatchObject({ text: "@all tea?", mentions: [ben?.entity, bea?.entity] });
    await context.close();
    const other = await open(ben);
    await mention(other, "@all").waitFor();
    await field(other).pressSequentially("@al");
    expect(await options(other).count()).toBe(0);
  });
});
