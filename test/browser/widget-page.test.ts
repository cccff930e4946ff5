import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import * as v from "valibot";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asThread, type Outsider, outsider, somebody } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host } from "./host.js";
import { openSite } from "./opened-site.js";

// The strictest policy under which the widget works; pictures come from where the host's profiles say.
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types nereid-chat lit-html dompurify";

describe.skipIf(!found)(named("<nereid-chat> in other pages"), () => {
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
    ann = await outsider(server, somebody("ann"), { name: "Ann" });
    ben = await outsider(server, somebody("ben"), { name: "Ben", picture: `${server.url}/none.png` });
    room = asThread(await ann.call("POST", "threads", { kind: "room", members: [ben.entity], subject: "Tea" })).id;
    context = await browser.newContext({ viewport: { width: 900, height: 700 } });
  });
  afterEach(() => context.close());

  const open = (about = {}) => host(context, server, { token: ann.token, thread: room }, about);
  const message = (page: Page, text: string): Locator =>
    page
      .getByRole("log")
      .getByRole("article")
      .filter({ has: page.locator(".text", { hasText: text }) });

  it("works under the strictest policy, in a page that uses the policy names of Lit and DOMPurify", async () => {
    await ben.say({ thread: room, type: "html", text: "<p>Some <b>bold</b> text</p>" });
    const page = await context.newPage();
    await page.addInitScript(`
      window.violations = [];
      document.addEventListener("securitypolicyviolation", ({ violatedDirective }) => violations.push(violatedDirective));
      trustedTypes.createPolicy("dompurify", {});
      trustedTypes.createPolicy("lit-html", {});
    `);
    const body = `<!doctype html><html lang="en"><title>A shop</title><script src="/nereid-chat/chat.js" defer></script>
      <nereid-chat token="${ann.token}" thread="${room}"></nereid-chat></html>`;
    const headers = { "content-security-policy": POLICY };
    await page.route(`${server.url}/host`, (route) => route.fulfill({ contentType: "text/html", headers, body }));
    await page.goto(`${server.url}/host`);
    await message(page, "bold").locator("b").waitFor();
    const initials = message(page, "bold").locator(".initials");
    expect(await initials.textContent()).toBe("B");
    const colour =
      'getComputedStyle(document.querySelector("nereid-chat").shadowRoot.querySelector(".row .initials")).backgroundColor';
    expect(await page.evaluate(colour)).toMatch(/^oklch/);
    const violations = v.parse(v.array(v.string()), await page.evaluate("violations"));
    expect([...new Set(violations)]).toEqual(["img-src"]);
  });

  it.each([
    "display: none",
    "visibility: hidden",
    "opacity: 0",
    "height: 0; overflow: hidden",
    "transform: scale(0)",
    "position: fixed; left: -3000px",
  ])("does not say that a message was read while the page hides it by %s", async (style) => {
    const page = await open();
    await page.getByRole("textbox", { name: "Message Tea" }).waitFor();
    await page.locator("main").evaluate((it, value) => it.setAttribute("style", value), style);
    await ben.say({ thread: room, text: "seen?" });
    await page.locator("nereid-chat .text", { hasText: "seen?" }).waitFor({ state: "attached" });
    await page.waitForTimeout(1_000);
    expect((await ann.thread(room)).unread).toBe(1);
    await page.locator("main").evaluate((it) => it.removeAttribute("style"));
    await expect.poll(async () => (await ann.thread(room)).unread, { timeout: 5_000 }).toBe(0);
  });

  it.each(["en_US", "de_DE.UTF-8", "C", "i-default", "sr@latin", "!!"])(
    "is displayed in a page in the language %j",
    async (lang) => {
      await ben.say({ thread: room, text: "Tea?" });
      const page = await open({ lang });
      await message(page, "Tea?")
        .getByText(/\d:\d\d/)
        .waitFor();
    },
  );

  it("folds a long message, and shows all of it on demand", async () => {
    await ben.say({ thread: room, text: `a${"\n".repeat(7_000)}end.` });
    const page = await open();
    const height = async () => (await message(page, "a").boundingBox())?.height ?? 0;
    expect(await height()).toBeLessThan(600);
    await message(page, "a").getByRole("button", { name: "Show all" }).click();
    await expect.poll(height).toBeGreaterThan(10_000);
  });

  it("shows the rest of a message below what was read of it", async () => {
    await ben.say({ thread: room, text: Array.from({ length: 90 }, (_, i) => `line ${i}.`).join("\n") });
    for (const at of ["last", "before others"]) {
      const page = await open();
      const top = async () => (await message(page, "line 0.").boundingBox())?.y ?? Number.NaN;
      const height = async () => (await message(page, "line 0.").boundingBox())?.height ?? 0;
      const more = message(page, "line 0.").getByRole("button", { name: "Show all" });
      await more.scrollIntoViewIfNeeded();
      await page.locator('[role="log"][aria-busy="false"]').waitFor();
      const before = await top();
      await more.click();
      await expect.poll(height).toBeGreaterThan(1_500);
      expect(Math.abs((await top()) - before), at).toBeLessThan(2);
      for (let i = 0; i < 20; i++) await ben.say({ thread: room, text: `more ${i}.` });
    }
  });

  it("folds a message of nested lists, which leave the text no width", async () => {
    const text = `b${"<ul>".repeat(60)}<li>${"word ".repeat(200)}</li>${"</ul>".repeat(60)}`;
    await ben.say({ thread: room, type: "html", text });
    await ben.say({ thread: room, type: "html", text: `c${"<ol><li>".repeat(9)}${"word ".repeat(200)}` });
    const page = await open();
    await message(page, "c").waitFor();
    const height = async (start: string) => (await message(page, start).first().boundingBox())?.height ?? 0;
    expect(await height("b")).toBeLessThan(600);
    expect(await height("c")).toBeLessThan(1_200);
  });

  it.each(["auto", "none"])(
    "keeps the reader's place while messages arrive, with scroll anchoring %s",
    async (anchoring) => {
      for (let i = 0; i < 30; i++) await ben.say({ thread: room, text: `no ${i}.` });
      const page = await open();
      await page.locator('[role="log"][aria-busy="false"]').waitFor();
      await page.addStyleTag({ content: `nereid-chat::part(log) { overflow-anchor: ${anchoring} }` });
      await page.getByRole("log").evaluate((it) => it.scrollTo({ top: -500 }));
      await page.getByRole("button", { name: "To the newest message" }).waitFor();
      const place = async () => (await message(page, "no 10.").boundingBox())?.y ?? 0;
      const before = await place();
      // Each is as high as no whole number of pixels: what is rounded must not add up.
      for (let i = 0; i < 20; i++) {
        await ben.say({ thread: room, text: `new ${i}.` });
        await message(page, `new ${i}.`).waitFor({ state: "attached" });
      }
      await page.waitForTimeout(300);
      expect(Math.abs((await place()) - before)).toBeLessThan(2);
    },
  );

  it("does not throw where the browser cannot notify, and then offers no bell", async () => {
    const errors: Error[] = [];
    await context.addInitScript(`
      window.Notification = class {
        static permission = "default";
        static requestPermission = async () => "granted";
        constructor() { throw new TypeError("Illegal constructor"); }
      };
      document.hasFocus = () => false;
    `);
    const page = await open();
    page.on("pageerror", (error) => errors.push(error));
    await page.getByRole("button", { name: "Turn on desktop notifications" }).click();
    await page.getByRole("button", { name: "Turn off desktop notifications" }).waitFor();
    await ben.say({ thread: room, text: "ring" });
    await message(page, "ring").waitFor();
    await expect.poll(() => page.getByRole("button", { name: "desktop notifications" }).count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it("keeps the bell on across a reload, and does not ask again where the permission was withdrawn", async () => {
    await context.addInitScript(`
      window.rung = []; window.asked = 0;
      window.Notification = class {
        static get permission() { return localStorage.permitted ?? "default"; }
        static async requestPermission() { asked++; return (localStorage.permitted = "granted"); }
        constructor(title) { rung.push(title); }
      };
      document.hasFocus = () => false;
    `);
    const page = await open();
    await page.getByRole("button", { name: "Turn on desktop notifications" }).click();
    const off = page.getByRole("button", { name: "Turn off desktop notifications" });
    await off.waitFor();
    await page.reload();
    await off.waitFor();
    await ben.say({ thread: room, text: "ring" });
    await expect.poll(() => page.evaluate("rung")).toEqual(["Ben · Tea"]);
    await page.evaluate("delete localStorage.permitted");
    await page.reload();
    await page.getByRole("button", { name: "Turn on desktop notifications" }).waitFor();
    expect(await page.evaluate("asked")).toBe(0);
  });

  it("offers no bell where the browser keeps its notifications to itself", async () => {
    const errors: Error[] = [];
    await context.addInitScript(
      `Notification = class { static get permission() { throw new DOMException("", "SecurityError"); } }`,
    );
    const page = await context.newPage();
    page.on("pageerror", (error) => errors.push(error));
    await page.route("**/bell", (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<script src="/nereid-chat/chat.js" defer></script><nereid-chat token="${ann.token}" thread="${room}"></nereid-chat>`,
      }),
    );
    await page.goto(`${server.url}/bell`);
    await page.getByRole("button", { name: "New conversation" }).waitFor();
    expect(await page.getByRole("button", { name: "desktop notifications" }).count()).toBe(0);
    expect(errors).toEqual([]);
  });
});
