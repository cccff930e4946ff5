import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { asThreads, type Outsider, outsider, somebody } from "../support/outsider.js";
import { type Site, site } from "../support/site.js";
import { connectBrowser, found, named } from "./chromium.js";
import { host, violations } from "./host.js";

const SHOP = "https://shop.example.com";
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

describe.skipIf(!found)(named("<nereid-chat> and a visitor whom nobody knows"), () => {
  let server: Site;
  let closed: Site;
  let browser: Browser;
  let context: BrowserContext;
  let ben: Outsider;
  let asked: string[];
  beforeAll(async () => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    [server, closed] = await Promise.all([
      site(store, { CHAT_ORIGINS: SHOP, CHAT_GUESTS: "1" }),
      site(store, { CHAT_GUESTS: "0" }),
    ]);
    browser = await connectBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([server?.stop(), closed?.stop()]);
  });
  beforeEach(async () => {
    ben = await outsider(server, somebody("ben"), { name: "Ben" });
    await enter({});
  });
  afterEach(() => context.close());

  /** A browser of somebody new, and the paths below the chat that its pages ask for. */
  const enter = async (device: object) => {
    await context?.close();
    context = await browser.newContext(device);
    asked = [];
    context.on("request", (it) =>
      asked.push(`${it.method()} ${new URL(it.url()).pathname.replace("/nereid-chat/", "")}`),
    );
  };
  const form = (page: Page) => page.getByRole("textbox", { name: "Your name" });
  const start = (page: Page) => page.getByRole("button", { name: "Start", exact: true });
  const plus = (page: Page) => page.getByRole("button", { name: "New conversation" });
  const isFocused = (page: Page) =>
    page.evaluate('document.querySelector("nereid-chat").shadowRoot.activeElement?.getAttribute("part")');

  it("asks for a name once, by keyboard, and the next page knows the guest", async () => {
    const page = await host(context, server, {});
    await form(page).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Tab");
    await page.keyboard.type("Zoë");
    await page.keyboard.press("Enter");
    await plus(page).waitFor();
    await expect.poll(() => isFocused(page)).toBe("new");
    await page.reload();
    await plus(page).waitFor();
    expect(await form(page).count()).toBe(0);
  });

  it("asks the deployment nothing more until there is a name", async () => {
    const page = await host(context, server, {});
    await form(page).waitFor();
    await page.waitForTimeout(3_000);
    expect(asked.filter((it) => it.startsWith("POST"))).toEqual(["POST token"]);
  });

  it("takes no name that says nothing, and says what went wrong", async () => {
    const page = await host(context, server, {});
    await form(page).fill("   ");
    await start(page).click();
    await page.waitForTimeout(300);
    expect(asked.filter((it) => it === "POST token")).toHaveLength(1);
    await context.route("**/nereid-chat/token", (route) => route.abort());
    await form(page).fill("Zoë");
    await start(page).click();
    await page.getByRole("alert").getByText("Cannot reach the chat. Try again.").waitFor();
    await context.unroute("**/nereid-chat/token");
    await start(page).click();
    await plus(page).waitFor();
  });

  it("lets the guest in who is one in another tab already", async () => {
    const [one, other] = [await host(context, server, {}), await host(context, server, {})];
    await form(other).waitFor();
    await form(one).fill("Zoë");
    await start(one).click();
    await plus(other).waitFor();
  });

  it("begins the conversation that the page is for, on a phone, in the language of the page", async () => {
    await enter(PHONE);
    const page = await host(context, server, { to: ben.entity }, { lang: "de" });
    const field = page.getByRole("textbox", { name: "Ihr Name" });
    expect(Math.round((await field.boundingBox())?.height ?? 0)).toBeGreaterThanOrEqual(44);
    await field.fill("Zoë");
    await page.getByRole("button", { name: "Beginnen" }).tap();
    await page.getByRole("textbox", { name: "Nachricht an" }).fill("Hallo");
    await page.getByRole("button", { name: "Senden" }).tap();
    await expect.poll(async () => asThreads(await ben.call("GET", "threads"))[0]?.last?.text).toBe("Hallo");
  });

  it("asks in the launcher's panel, where the field has the focus", async () => {
    const page = await host(context, server, { launcher: "" });
    await page.getByRole("button", { name: "Open the chat" }).click();
    await form(page).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Open the chat" }).click();
    await page.keyboard.type("Zoë");
    await page.keyboard.press("Enter");
    await plus(page).waitFor();
  });

  it("asks in a page of another site", async () => {
    await context.grantPermissions(["local-network-access"], { origin: SHOP });
    const page = await host(context, server, {}, { origin: SHOP });
    await form(page).fill("Zoë");
    await start(page).click();
    await plus(page).waitFor();
  });

  it("says that nobody is logged in where the page wants no guests, or the deployment lets none in", async () => {
    const off = await host(context, server, { guests: "off" });
    await off.getByText("You are not logged in.").waitFor();
    const none = await host(context, closed, {});
    await none.getByText("You are not logged in.").waitFor();
    expect(asked.filter((it) => it.includes("guest-form"))).toEqual([]);
  });
});
