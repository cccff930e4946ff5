import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Outsider, outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host, violations } from "./host.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";
import { VECTORS } from "./vectors.js";

const SHOP = "https://shop.example";
const ENVELOPE = 20;

describe.skipIf(!found)(named("<nereid-chat>"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  /** Another window, since a page behind another one is drawn once a second. */
  let beside: BrowserContext;
  let ann: Outsider;
  let ben: Outsider;
  let room: string;
  beforeAll(async () => {
    const opened = await openSite({ CHAT_ORIGINS: SHOP });
    ({ server, browser } = opened);
    return opened.close;
  });
  beforeEach(async () => {
    ({ ann, ben, room } = await openTeaRoom(server));
    const viewport = { width: 900, height: 700 };
    [context, beside] = [await browser.newContext({ viewport }), await browser.newContext({ viewport })];
  });
  afterEach(() => Promise.all([context.close(), beside.close()]));

  const open = (who: Outsider, more: Record<string, string> = {}, about = {}) =>
    host(who.entity === ben.entity ? beside : context, server, { token: who.token, thread: room, ...more }, about);
  const log = (page: Page) => page.getByRole("log");
  const message = (page: Page, text: string): Locator =>
    log(page)
      .getByRole("article")
      .filter({ has: page.locator(".text", { hasText: text }) });
  const field = (page: Page) => page.getByRole("textbox", { name: "Message Tea" });
  const say = async (page: Page, text: string) => {
    await field(page).fill(text);
    await field(page).press("Enter");
    await message(page, text).waitFor();
  };
  const tool = async (page: Page, text: string, name: string) => {
    await message(page, text).hover();
    await message(page, text).getByRole("button", { name }).click();
  };
  /** Has Ben say things, many in one request. */
  const talk = async (count: number) => {
    const texts = Array.from({ length: count }, (_, i) => `no ${i + 1}.`);
    for (let i = 0; i < count; i += ENVELOPE) {
      const stanzas = texts
        .slice(i, i + ENVELOPE)
        .map((text) => ({ type: "message", message: { thread: room, text } }));
      expect((await ben.send({ stanzas })).status).toBe(200);
    }
    return texts;
  };
  /** Somebody as they come in now: their stream begins here, what was before is history. */
  const anew = (who: Outsider, name: string) => outsider(server, who.entity, { name });
  const texts = (page: Page) => log(page).locator(".text").allTextContents();
  /** Scrolls up until there is nothing before, and looks at the page each time. */
  const toBeginning = async (page: Page, look = async () => {}) => {
    const beginning = page.getByText("This is where the conversation begins.");
    await expect
      .poll(
        async () => {
          await log(page).evaluate((it) => it.scrollTo({ top: -it.scrollHeight }));
          await look();
          return beginning.isVisible();
        },
        { timeout: 30_000, interval: 50 },
      )
      .toBe(true);
  };

  it("lets two windows send, read, edit, react to, reply to and delete messages", async () => {
    const [hers, his] = [await open(ann), await open(ben)];
    await say(hers, "Hello, Ben");
    await message(his, "Hello, Ben").waitFor();
    await message(hers, "Hello, Ben").getByText("Read by Ben").waitFor();

    await tool(his, "Hello, Ben", "React");
    await message(his, "Hello, Ben").getByRole("button", { name: "React with 🎉" }).click();
    await message(hers, "Hello, Ben").getByRole("button", { name: "🎉 Ben" }).click();
    await message(his, "Hello, Ben").getByRole("button", { name: "🎉 You, Ann" }).waitFor();

    await tool(hers, "Hello, Ben", "Edit");
    await field(hers).fill("Hello, dear Ben");
    await field(hers).press("Enter");
    await message(his, "Hello, dear Ben").getByText("edited").waitFor();

    await tool(his, "Hello, dear Ben", "Reply");
    await say(his, "Hello yourself");
    await message(hers, "Hello yourself").getByRole("button", { name: "You Hello, dear Ben" }).waitFor();

    await tool(hers, "Hello, dear Ben", "Delete");
    await message(hers, "Hello, dear Ben").getByRole("button", { name: "Delete" }).click();
    await log(his).getByText("This message was deleted.").first().waitFor();
    expect(await texts(his)).toEqual(["Hello yourself"]);
  });

  it("shows who is present, who is typing, and what is unread", async () => {
    const hers = await open(ann, { thread: "" });
    const thread = hers.getByRole("button", { name: "Tea" });
    await ben.say({ thread: room, text: "one" });
    await ben.say({ thread: room, text: "two" });
    await thread.getByText("2 unread messages").waitFor();
    await ben.send({ type: "state", state: { thread: room, state: "composing" } });
    await thread.getByText("Ben is typing…").waitFor();
    await thread.click();
    await log(hers).getByText("New messages").waitFor();
    await hers.getByText("2 members, 1 online").waitFor();
    await ben.poll("?wait=0");
    await hers.getByText("2 members, 2 online").waitFor();
    await expect.poll(async () => (await ann.thread(room)).unread, { timeout: 5_000 }).toBe(0);
    await thread.getByText("2 unread messages").waitFor({ state: "detached" });
  });

  it("recovers after it was offline: messages wait, and none is lost or shown twice", async () => {
    const hers = await open(ann);
    await say(hers, "before");
    await message(hers, "before").getByText("Sent", { exact: true }).waitFor();
    await context.setOffline(true);
    await say(hers, "from the tunnel");
    await message(hers, "from the tunnel").getByText("Waiting to be sent").waitFor();
    const said = await talk(30);
    await context.setOffline(false);
    await message(hers, "from the tunnel").getByText("Sent", { exact: true }).waitFor();
    await message(hers, "no 30.").waitFor();
    expect(await texts(hers)).toEqual(["before", ...said, "from the tunnel"]);
  });

  it("loads the history as the user scrolls, and finds loaded messages", async () => {
    const said = await talk(120);
    const hers = await open(await anew(ann, "Ann"));
    await message(hers, "no 120.").waitFor();
    expect((await texts(hers)).length).toBeLessThan(120);
    await toBeginning(hers);
    expect(await texts(hers)).toEqual(said);
    await hers.getByRole("searchbox", { name: "Search" }).fill("NO 7.");
    await hers.getByRole("navigation").getByRole("button", { name: "no 7." }).click();
    await expect.poll(() => message(hers, "no 7.").evaluate((it) => it.matches(":focus"))).toBe(true);
  });

  // Her stream begins before all of it, further back than can be continued: it tells of a gap, and goes on after it.
  it("shows 1,000 messages without a gap, a part of them at a time", async () => {
    const said = await talk(1_000);
    const hers = await open(ann);
    await message(hers, "no 1000.").waitFor();
    const seen = new Set(await texts(hers));
    await toBeginning(hers, async () => {
      const shown = await texts(hers);
      expect(shown.length).toBeLessThanOrEqual(400);
      const from = said.indexOf(shown[0] ?? "");
      expect(shown).toEqual(said.slice(from, from + shown.length));
      for (const text of shown) seen.add(text);
    });
    for (const text of await texts(hers)) seen.add(text);
    expect([...seen].sort()).toEqual([...said].sort());
  }, 60_000);

  it("keeps HTML inert, even from a store that was tampered with", async () => {
    const hers = await context.newPage();
    const caught: string[] = [];
    await context.route(/evil\.example/, (route) => {
      caught.push(route.request().url());
      return route.abort();
    });
    hers.on("dialog", (dialog) => {
      caught.push(dialog.message());
      return dialog.dismiss();
    });
    const messages = VECTORS.map((text, i) => ({
      ...{ id: crypto.randomUUID(), thread: room, seq: i + 1, timestamp: new Date().toISOString() },
      ...{
        type: "html",
        text: `vector ${i} ${text}`,
        sender: { id: ben.entity },
        attachments: [{ url: "javascript:alert(1)" }],
      },
    }));
    await context.route(/\/messages\?/, (route) =>
      route.fulfill({ json: { messages, first: 1, last: messages.length } }),
    );
    const page = await open(ann);
    const all = async () => {
      // All of them are in the page only for a print.
      await page.evaluate(`dispatchEvent(new Event("beforeprint"))`);
      return log(page).locator(".markup").count();
    };
    await expect.poll(all, { timeout: 10_000 }).toBe(VECTORS.length);
    const strange = await log(page).evaluate((it) => {
      const allowed = /^(b|i|em|strong|u|s|code|pre|blockquote|p|br|ul|ol|li|a)$/;
      return [...it.querySelectorAll(".markup *")]
        .filter((one) => {
          const attributes = [...one.attributes]
            .map(({ name }) => name)
            .filter((name) => !/^(href|rel|target)$/.test(name));
          const link = one.getAttribute("href") ?? "";
          const astray = link !== "" && !/^(https?|mailto):/.test(link);
          return !allowed.test(one.localName) || attributes.length > 0 || astray;
        })
        .map((one) => one.outerHTML);
    });
    expect(strange).toEqual([]);
    expect(await log(page).locator(".file").count()).toBe(0);
    expect(caught).toEqual([]);
  });

  it("shows plain text verbatim, with its addresses as links", async () => {
    const text = "<img src=x onerror=alert(1)>\n  see https://a.example/x.";
    await ben.say({ thread: room, text });
    const hers = await open(ann);
    await message(hers, "see https").waitFor();
    expect(await texts(hers)).toEqual([text]);
    const link = message(hers, "see https").getByRole("link");
    expect([await link.getAttribute("href"), await link.getAttribute("rel")]).toEqual([
      "https://a.example/x",
      "noopener noreferrer nofollow",
    ]);
  });

  describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
    it("violates no rule of axe in any of its views", async () => {
      await context.close();
      context = await browser.newContext({ colorScheme, viewport: { width: 900, height: 700 } });
      const { id } = await ben.say({
        thread: room,
        type: "html",
        text: "<p>A <a href='https://a.example'>link</a></p>",
      });
      await ann.send({ type: "reaction", reaction: { thread: room, id, emoji: "🎉" } });
      await ann.say({
        thread: room,
        text: "Mine",
        attachments: [{ url: "https://a.example/x.pdf", name: "x.pdf", size: 1 }],
      });
      await ben.say({ thread: room, text: "Yours", replyTo: id });
      await ben.poll("?wait=0");
      const page = await open(ann);
      await tool(page, "Mine", "React");
      expect(await violations(page)).toEqual([]);
      await tool(page, "Yours", "Reply");
      await page.getByRole("searchbox").fill("mine");
      expect(await violations(page)).toEqual([]);
      await page.getByRole("button", { name: "Details" }).click();
      await page.getByRole("button", { name: "Invite by link" }).click();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "New conversation" }).click();
      await page.getByRole("checkbox").first().check();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.setViewportSize({ width: 360, height: 700 });
      expect(await violations(page)).toEqual([]);
      await page.getByRole("button", { name: "Back to the conversations" }).click();
      expect(await violations(page)).toEqual([]);
    }, 60_000);
  });

  it("can be used by the keyboard alone", async () => {
    await ben.say({ thread: room, text: "Are you there?" });
    const page = await open(ann, { thread: "" });
    await page.getByRole("button", { name: "Tea" }).waitFor();
    const focused = () =>
      page.locator("nereid-chat").evaluate(({ shadowRoot }) => {
        const it = shadowRoot?.activeElement;
        return it?.getAttribute("aria-label") ?? it?.textContent?.trim() ?? "";
      });
    const tabTo = async (name: string, key = "Tab") => {
      for (let presses = 0; !(await focused()).includes(name); presses++) {
        if (presses > 20) throw new Error(`Cannot reach ${name} from ${await focused()}`);
        await page.keyboard.press(key);
      }
    };
    await tabTo("Tea");
    await page.keyboard.press("Enter");
    await message(page, "Are you there?").waitFor();
    await tabTo("Message Tea");
    await page.keyboard.type("I am");
    await page.keyboard.press("Enter");
    await message(page, "I am").waitFor();
    await tabTo("Messages", "Shift+Tab");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    expect(await focused()).toMatch(/^Ben/);
    await tabTo("React");
    await page.keyboard.press("Enter");
    await tabTo("React with 👍");
    await page.keyboard.press("Enter");
    await message(page, "Are you there?").getByRole("button", { name: "👍 You" }).waitFor();
    expect(await focused()).toMatch(/^Ben/);
    await tabTo("Message Tea");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.type(" here");
    await page.keyboard.press("Enter");
    await message(page, "I am here").getByText("edited").waitFor();
  });

  it("is laid out from right to left like the page, and uses the page's language", async () => {
    await ann.say({ thread: room, text: "שלום" });
    const page = await open(ann, {}, { dir: "rtl", lang: "he" });
    const bubble = await message(page, "שלום").locator(".bubble").boundingBox();
    const roster = await page.getByRole("navigation").boundingBox();
    expect(bubble?.x).toBeLessThan(450);
    expect(roster?.x).toBeGreaterThan(450);
    await log(page).getByText("היום").waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth > innerWidth")).toBe(false);
  });

  it("gets its token from the page's own back end, at another origin than the deployment", async () => {
    // Since the deployment is on this machine, the browser would ask.
    await context.grantPermissions(["local-network-access"], { origin: SHOP });
    await context.route(`${SHOP}/token`, async (route) => {
      expect(route.request().method()).toBe("POST");
      await route.fulfill({ json: { token: ann.token, cursor: ann.cursor } });
    });
    const page = await host(context, server, { "token-url": "/token", to: ben.entity }, { origin: SHOP });
    await page.getByRole("textbox", { name: "Message Ben" }).fill("I have a question");
    await page.keyboard.press("Enter");
    await message(page, "I have a question").waitFor();
    expect(await page.getByRole("navigation").isVisible()).toBe(false);
  });

  it("starts a room, and invites to it by a link to the page", async () => {
    const hers = await open(ann);
    await hers.getByRole("button", { name: "New conversation" }).click();
    await hers.getByRole("textbox", { name: "Name of the room" }).fill("Cake");
    await hers.getByRole("button", { name: "Start", exact: true }).click();
    await hers.getByRole("heading", { name: "Cake" }).waitFor();
    await hers.getByRole("button", { name: "Details" }).click();
    await hers.getByRole("button", { name: "Invite by link" }).click();
    const link = await hers.getByRole("textbox", { name: "Invite by link" }).inputValue();
    const his = await open(ben, { thread: "" });
    await his.getByRole("button", { name: "Tea" }).waitFor();
    await his.goto("about:blank");
    await his.goto(link);
    await his.getByRole("heading", { name: "Join “Cake”?" }).waitFor();
    expect((await ben.call("GET", "threads")).text).not.toContain("Cake");
    await his.getByRole("button", { name: "Join", exact: true }).click();
    await his.getByRole("heading", { name: "Cake" }).waitFor();
    expect(his.url()).not.toContain("#nereid-chat");
    await hers.keyboard.press("Escape");
    await hers.getByText("2 members, 2 online").waitFor();
  });

  it("notifies on the desktop once the user has turned that on, and only while the page has no focus", async () => {
    await context.grantPermissions(["notifications"]);
    await context.addInitScript(`
      window.shown = [];
      window.Notification = class { static permission = "default"; static requestPermission = async () => "granted"; constructor(title, { body }) { shown.push(title + ": " + body); } close() { shown.push("closed"); } };
      window.looks = true;
      document.hasFocus = () => looks;
    `);
    const page = await open(ann);
    await page.evaluate("looks = false");
    await ben.say({ thread: room, text: "one" });
    await message(page, "one").waitFor();
    await page.getByRole("button", { name: "Turn on desktop notifications" }).click();
    await page.getByRole("button", { name: "Turn off desktop notifications" }).waitFor();
    const { id } = await ben.say({ thread: room, text: "two" });
    await message(page, "two").waitFor();
    await page.evaluate("looks = true");
    await ben.say({ thread: room, text: "three" });
    await message(page, "three").waitFor();
    expect(await page.evaluate("shown")).toEqual(["Ben · Tea: two"]);
    await ben.send({ type: "retract", retract: { thread: room, id } });
    await message(page, "two").waitFor({ state: "detached" });
    expect(await page.evaluate("shown")).toEqual(["Ben · Tea: two", "closed"]);
  });

  it("asks to notify only after a click, and says how to allow it where the browser blocks it", async () => {
    await context.addInitScript(`
      window.asked = 0;
      window.Notification = class {
        static permission = "default";
        static requestPermission = async () => { asked++; return (Notification.permission = "denied"); };
      };
    `);
    const page = await open(ann);
    await page.getByRole("button", { name: "Turn on desktop notifications" }).waitFor();
    expect(await page.evaluate("asked")).toBe(0);
    await page.getByRole("button", { name: "Turn on desktop notifications" }).click();
    await page.getByText("Your browser blocks notifications of this site").waitFor();
    expect(await page.evaluate("asked")).toBe(1);
  });
});
