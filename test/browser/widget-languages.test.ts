import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Outsider, outsider, somebody } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host, violations } from "./host.js";
import { openSite } from "./opened-site.js";

const SHOP = "https://shop.example.com";

describe.skipIf(!found)(named("<nereid-chat> in the languages of pages"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let ann: Outsider;
  beforeAll(async () => {
    const opened = await openSite({ CHAT_ORIGINS: SHOP });
    ({ server, browser } = opened);
    return opened.close;
  });
  beforeEach(async () => {
    ann = await outsider(server, somebody("ann"), { name: "Ann" });
    context = await browser.newContext({ viewport: { width: 900, height: 700 } });
  });
  afterEach(() => context.close());

  const open = async (about: Parameters<typeof host>[3], attributes: Record<string, string> = {}) =>
    host(context, server, { token: (await server.token(ann.entity)).token, ...attributes }, about);
  const start = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
  const direction = (page: Page) => page.evaluate('getComputedStyle(document.querySelector("nereid-chat")).direction');
  const setLanguage = (page: Page, tag: string) => page.evaluate(`document.documentElement.lang = "${tag}"`);

  it.each([
    ["de-AT", "Neue Unterhaltung"],
    ["fr", "Nouvelle conversation"],
    ["es_MX", "Nueva conversación"],
    ["pt-BR", "Nova conversa"],
    ["it", "Nuova conversazione"],
    ["ja", "新しい会話"],
    ["zh-CN", "新建会话"],
    ["sv", "New conversation"],
    ["zh-TW", "New conversation"],
  ])("a page in %s has the button “%s”, never another language before", async (lang, name) => {
    const page = await open({ lang });
    await start(page, name).waitFor();
  });

  it("is laid out from right to left in Arabic and Hebrew, unless the page says its direction", async () => {
    const page = await open({ lang: "ar", dir: "rtl" });
    await start(page, "محادثة جديدة").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.evaluate('document.documentElement.removeAttribute("dir")');
    await setLanguage(page, "he");
    await start(page, "שיחה חדשה").waitFor();
    expect(await direction(page)).toBe("rtl");
    await setLanguage(page, "de");
    await start(page, "Neue Unterhaltung").waitFor();
    expect(await direction(page)).toBe("ltr");
    await page.close();
    const other = await open({ lang: "he", dir: "ltr" });
    await start(other, "שיחה חדשה").waitFor();
    expect(await direction(other)).toBe("ltr");
  });

  it("loads a language from the deployment into a page of another origin", async () => {
    await context.grantPermissions(["local-network-access"], { origin: SHOP });
    const page = await open({ lang: "de", origin: SHOP });
    await start(page, "Neue Unterhaltung").waitFor();
  });

  it("is English when the language cannot be loaded, and is never blank for long", async () => {
    await context.route("**/widget-language-de.js", (route) => route.abort());
    await start(await open({ lang: "de" }), "New conversation").waitFor();
    await context.route("**/widget-language-fr.js", () => {});
    await start(await open({ lang: "fr" }), "New conversation").waitFor({ timeout: 5_000 });
  });

  it("loads nothing more for an English page", async () => {
    const asked: string[] = [];
    context.on("request", (request) => asked.push(request.url()));
    await start(await open({ lang: "en-GB" }), "New conversation").waitFor();
    expect(asked.filter((url) => url.includes("widget-language"))).toEqual([]);
  });
});
