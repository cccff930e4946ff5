import { randomUUID } from "node:crypto";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asThread, type Outsider, outsider, type Sent, somebody } from "../support/outsider.js";
import { type Site, session } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host, violations } from "./host.js";
import { openSite } from "./opened-site.js";

describe.skipIf(!found)(named("Report in <nereid-chat>"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let ann: Outsider;
  let ben: Outsider;
  let room: string;
  let rude: Sent;
  beforeAll(async () => {
    const opened = await openSite({ CHAT_PREFIX: `report-${randomUUID().slice(0, 8)}:` });
    ({ server, browser } = opened);
    return opened.close;
  });
  beforeEach(async () => {
    ann = await outsider(server, somebody("ann"), { name: "Ann" });
    ben = await outsider(server, somebody("ben"), { name: "Ben" });
    room = asThread(await ben.call("POST", "threads", { kind: "room", members: [ann.entity], subject: "Tea" })).id;
    rude = await ben.say({ thread: room, text: "Rude" });
    await ann.say({ thread: room, text: "Mine" });
  });
  afterEach(() => context.close());

  const open = async (options: Parameters<Browser["newContext"]>[0] = {}, about = {}) => {
    context = await browser.newContext({ viewport: { width: 900, height: 700 }, ...options });
    context.setDefaultTimeout(8_000);
    page = await host(context, server, { token: ann.token, thread: room }, about);
    await page.getByText("This is where the conversation begins.").waitFor();
  };
  const row = (text: string) =>
    page
      .getByRole("log")
      .getByRole("article")
      .filter({ has: page.locator(".text", { hasText: text }) });
  const dialog = () => page.getByRole("dialog", { name: "Report this message?" });
  const button = (name: string) => page.getByRole("button", { name, exact: true });

  /** The open reports of the message, as moderators see them. */
  async function reported(): Promise<unknown[]> {
    const headers = { authorization: `Bearer ${await session("mod", { role: "moderator" })}` };
    const { json } = await server.call("GET", "reports", { headers });
    return Object(json).reports.filter((it: { message: { id: string } }) => it.message.id === rude.id);
  }

  it("is at messages of others, loads what it needs when it is first used, and says what happens then", async () => {
    await open();
    const loaded: string[] = [];
    page.on("request", (request) => loaded.push(request.url()));
    await row("Mine").hover();
    await button("Edit").waitFor();
    expect(await button("Report").count()).toBe(0);
    await row("Rude").hover();
    expect(loaded.filter((it) => it.includes("widget-reporter"))).toEqual([]);
    await button("Report").click();
    await page.getByLabel("Insults or harassment").check();
    await page.getByLabel("What should the moderators know?").fill("  He began  ");
    expect(await violations(page)).toEqual([]);
    await dialog().getByRole("button", { name: "Report", exact: true }).click();
    await page.getByText("The moderators look at the message").waitFor();
    expect(await reported()).toMatchObject([{ by: ann.entity, reason: "abuse: He began", message: { text: "Rude" } }]);
    expect(loaded.filter((it) => it.includes("widget-reporter"))).toHaveLength(1);
    await dialog().getByRole("button", { name: "Close", exact: true }).last().click();
    await dialog().waitFor({ state: "detached" });
  });

  it("is worked by the keyboard alone, and returns the focus to the message", async () => {
    await open();
    await row("Rude").focus();
    await button("Report").focus();
    await page.keyboard.press("Enter");
    await dialog().waitFor();
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "detached" });
    await button("Report").focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("Spam or advertising").focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByText("The moderators look at the message").waitFor();
    await page.keyboard.press("Enter");
    await dialog().waitFor({ state: "detached" });
    const focused = 'document.querySelector("nereid-chat").shadowRoot.activeElement?.closest(".row")?.dataset.id';
    expect(await page.evaluate(focused)).toBe(rude.id);
    expect(await reported()).toMatchObject([{ reason: "abuse" }]);
  });

  it("is in the sheet of a touch screen, in the language of the page, for a visitor, too", async () => {
    await ben.call("PATCH", `threads/${room}`, { role: { entity: ann.entity, role: "visitor" } });
    context = await browser.newContext({ hasTouch: true, viewport: { width: 390, height: 844 } });
    context.setDefaultTimeout(8_000);
    page = await host(context, server, { token: ann.token, thread: room }, { lang: "ar", dir: "rtl" });
    await row("Rude").locator(".bubble").tap();
    await button("إبلاغ").tap();
    await page.getByLabel("سبب آخر").tap();
    const small = `[...document.querySelector("nereid-chat").shadowRoot.querySelectorAll("nereid-reporter :is(button, textarea, label.pick)")]
      .map((it) => it.getBoundingClientRect().height).filter((height) => height < 44)`;
    expect(await page.evaluate(small)).toEqual([]);
    expect(await violations(page)).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: "إبلاغ", exact: true }).tap();
    await page.getByText("شكرًا لك.").waitFor();
    expect(await reported()).toMatchObject([{ reason: "other" }]);
  });

  it("says in the dialog why it failed, and keeps what was written", async () => {
    await open();
    await row("Rude").hover();
    await button("Report").click();
    const field = page.getByLabel("What should the moderators know?");
    await field.fill("Still here");
    await page.route("**/send", (route) =>
      route.fulfill({
        status: 403,
        contentType: "application/problem+json",
        body: JSON.stringify({ code: "forbidden", title: "Forbidden", status: 403 }),
      }),
    );
    await dialog().getByRole("button", { name: "Report", exact: true }).click();
    await dialog().getByRole("alert").getByText("You may not do that here.").waitFor();
    expect(await field.inputValue()).toBe("Still here");
    expect(await reported()).toEqual([]);
  });
});
