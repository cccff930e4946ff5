import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import * as v from "valibot";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asThread, type Outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host } from "./host.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";

const DESKTOP = { viewport: { width: 1000, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const VIEWPORT = '<meta name="viewport" content="width=device-width">';

describe.skipIf(!found)(named("what <nereid-chat> does in the page around it"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let [ann, ben]: Outsider[] = [];
  let room: string;
  beforeAll(async () => {
    const opened = await openSite();
    ({ server, browser } = opened);
    return opened.close;
  });
  beforeEach(async () => {
    ({ ann, ben, room } = await openTeaRoom(server));
  });
  afterEach(() => context.close());

  const open = async (attributes: Record<string, string>, options: BrowserContextOptions = DESKTOP, meta = "") => {
    context = await browser.newContext(options);
    context.setDefaultTimeout(8_000);
    return host(context, server, { token: ann?.token ?? "", ...attributes }, { meta: VIEWPORT + meta });
  };
  const element = (page: Page) => page.locator("nereid-chat");
  const icons = (page: Page) =>
    page.evaluate(`[...document.querySelectorAll('link[rel~="icon"]')].map(({ href }) => href.slice(0, 14))`);
  const hash = (page: Page) => new URL(page.url()).hash;

  it("counts what is unread in the title and marks the icon, follows a title that the page changes, and takes all of it back", async () => {
    const icon = `<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Crect width='8' height='8'/%3E%3C/svg%3E">`;
    const page = await open({ launcher: "", badge: "title favicon" }, DESKTOP, icon);
    await ben?.say({ thread: room, text: "one" });
    await expect.poll(() => page.title()).toBe("(1) A shop");
    await ben?.say({ thread: room, text: "two" });
    await expect.poll(() => page.title()).toBe("(2) A shop");
    await expect.poll(() => icons(page)).toEqual(["data:image/svg", "data:image/png"]);
    await page.evaluate('document.title = "Tea pots"');
    await expect.poll(() => page.title()).toBe("(2) Tea pots");
    await page.getByRole("button", { name: /^Open the chat/ }).click();
    await page.locator(".thread").click();
    await expect.poll(() => page.title()).toBe("Tea pots");
    await expect.poll(() => icons(page)).toEqual(["data:image/svg"]);
    await page.getByRole("button", { name: "Close the chat" }).first().click();
    await ben?.say({ thread: room, text: "three" });
    await expect.poll(() => page.title()).toBe("(1) Tea pots");
    await element(page).evaluate((it) => it.remove());
    await expect.poll(() => page.title()).toBe("Tea pots");
    expect(await icons(page)).toEqual(["data:image/svg"]);
  });

  it("leaves the title and the icon alone where the page does not ask for that", async () => {
    const page = await open({});
    await ben?.say({ thread: room, text: "one" });
    await element(page).getByText("1 unread message").waitFor();
    expect(await page.title()).toBe("A shop");
    expect(await icons(page)).toEqual([]);
  });

  it("has in the URL what is open, beside the page's own fragment, and opens it again after a reload", async () => {
    const page = await open({ launcher: "", remember: "url" });
    await page.evaluate('location.hash = "top"');
    await page.getByRole("button", { name: "Open the chat" }).click();
    await expect.poll(() => hash(page)).toBe("#top&nereid-open");
    await page.locator(".thread").press("Enter");
    await expect.poll(() => hash(page)).toBe(`#top&nereid-open=${room}`);
    await page.reload();
    await page.getByRole("textbox", { name: "Message Tea" }).waitFor();
    await page.getByRole("button", { name: "Close the chat" }).first().click();
    await expect.poll(() => hash(page)).toBe("#top");
  });

  it("shows no conversation that a link names in place of the one that the page asks for", async () => {
    const made = await ann?.call("POST", "threads", { kind: "room", members: [], subject: "Milk" });
    const other = made === undefined ? "" : asThread(made).id;
    const page = await open({ thread: other, remember: "url" });
    await page.goto("about:blank");
    await page.goto(`${server.url}/host#nereid-open=${room}`);
    await page.getByRole("textbox", { name: "Message Milk" }).waitFor();
    await expect.poll(() => hash(page)).toBe(`#nereid-open=${other}`);
    await page.getByRole("textbox", { name: "Message Milk" }).waitFor();
  });

  it("asks whether to join by an invite, on a page that shows again what was open, at the beginning and later", async () => {
    const made = await ben?.call("POST", "threads", { kind: "room", members: [], subject: "Milk" });
    const milk = made === undefined ? "" : asThread(made).id;
    const { code } = v.parse(
      v.object({ code: v.string() }),
      (await ben?.call("POST", `threads/${milk}/invites`, {}))?.json,
    );
    const page = await open({ remember: "url" });
    for (const go of [
      async () => {
        await page.goto("about:blank");
        await page.goto(`${server.url}/host#nereid-open=${room}&nereid-chat=${code}`);
      },
      async () => {
        await page.goto("about:blank");
        await page.goto(`${server.url}/host#nereid-open=${room}`);
        await page.getByRole("textbox", { name: "Message Tea" }).waitFor();
        await page.evaluate(`location.hash = "nereid-chat=${code}"`);
      },
    ]) {
      await go();
      const question = page.getByRole("dialog", { name: "Join “Milk”?" });
      await question.getByRole("button", { name: "Cancel" }).click();
      await page.getByRole("textbox", { name: "Message Tea" }).waitFor();
      expect(hash(page)).toBe(`#nereid-open=${room}`);
    }
  });

  it("keeps the title short when two chats of a page count in it", async () => {
    const page = await open({ badge: "title" });
    await ben?.say({ thread: room, text: "one" });
    await expect.poll(() => page.title()).toBe("(1) A shop");
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement("nereid-chat"), { token: ${JSON.stringify(ann?.token)} }))`,
    );
    await page.evaluate('document.querySelectorAll("nereid-chat")[1].setAttribute("badge", "title")');
    await expect.poll(() => page.title()).toBe("(1) (1) A shop");
    await ben?.say({ thread: room, text: "two" });
    await expect.poll(() => page.title()).toMatch(/^\(2\) \(\d\) A shop$/);
    await page.waitForTimeout(500);
    expect((await page.title()).length).toBeLessThan(20);
  });

  it("leaves no open chat in the URL when the back gesture closes it on a phone, before and after a reload", async () => {
    const page = await open({ launcher: "", remember: "url" }, PHONE);
    await page.getByRole("button", { name: "Open the chat" }).tap();
    await page.locator(".thread").tap();
    await expect.poll(() => hash(page)).toBe(`#nereid-open=${room}`);
    await page.reload();
    const panel = page.getByRole("dialog", { name: "Chat", exact: true });
    await page.getByRole("textbox", { name: "Message Tea" }).waitFor();
    await page.evaluate("history.back()");
    await panel.waitFor({ state: "hidden" });
    await expect.poll(() => hash(page)).toBe("");
    await page.waitForTimeout(300);
    expect(await panel.isVisible()).toBe(false);
  });

  it("leaves nothing in the page that listens to its URL when the element is removed", async () => {
    const page = await open({ remember: "url" });
    await page.addInitScript(`
      window.listening = new Set();
      for (const [name, change] of [["addEventListener", "add"], ["removeEventListener", "delete"]]) {
        const original = window[name];
        window[name] = function (type, listener, options) {
          if (type === "hashchange") listening[change](listener);
          return original.call(this, type, listener, options);
        };
      }
    `);
    await page.reload();
    await page.locator(".thread").click();
    await expect.poll(() => hash(page)).toBe(`#nereid-open=${room}`);
    expect(await page.evaluate("listening.size")).toBeGreaterThan(0);
    await element(page).evaluate((it) => it.remove());
    expect(await page.evaluate("listening.size")).toBe(0);
  });
});
