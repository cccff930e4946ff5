import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asThread, type Outsider, somebody } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host } from "./host.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";

const ENVELOPE = 20;

describe.skipIf(!found)(named("<nereid-chat> on a slow or broken network"), () => {
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
  });
  afterEach(() => context.close());

  const open = async (attributes: Record<string, string> = {}) =>
    host(context, server, { token: (await server.token(ann.entity)).token, thread: room, ...attributes });
  const field = (page: Page, title = "Tea") => page.getByRole("textbox", { name: `Message ${title}` });
  const message = (page: Page, text: string): Locator =>
    page
      .getByRole("log")
      .getByRole("article")
      .filter({ has: page.locator(".text", { hasText: text }) });
  /** Has Ben send numbered messages, many in one request. */
  const talk = async (thread: string, count: number) => {
    const texts = Array.from({ length: count }, (_, i) => `no ${i + 1}.`);
    for (let i = 0; i < count; i += ENVELOPE) {
      const stanzas = texts.slice(i, i + ENVELOPE).map((text) => ({ type: "message", message: { thread, text } }));
      expect((await ben.send({ stanzas })).status).toBe(200);
    }
  };

  it.each([0, 700, 900, 1_400])(
    "does not tell the others that a user types after a message that was sent %i ms after the first letter",
    async (pause) => {
      const page = await open();
      await field(page).waitFor();
      await page.route("**/nereid-chat/send**", async (route) => {
        if (route.request().postData()?.includes('"state"')) await sleep(1_500);
        await route.continue().catch(() => {});
      });
      await field(page).pressSequentially("Hello");
      await sleep(pause);
      await field(page).press("Enter");
      await message(page, "Hello").getByText("Sent", { exact: true }).waitFor();
      await sleep(2_500);
      const types = (await ben.news()).filter(({ type }) => ["message", "state"].includes(type));
      const last = types.findLast(({ type }) => type === "state")?.state;
      const after = types.slice(types.findIndex(({ type }) => type === "message"));
      expect(after.filter(({ type }) => type === "state").length === 0 || Object(last).state === "active").toBe(true);
    },
  );

  it("reports as read what comes in the conversation that is shown, however fast the user has switched to it", async () => {
    const other = asThread(
      await ann.call("POST", "threads", { kind: "room", members: [ben.entity], subject: "Cake" }),
    ).id;
    await talk(other, 4);
    await talk(room, 60);
    const page = await open({ thread: other });
    await message(page, "no 4.").waitFor();
    await expect.poll(async () => (await ann.thread(other)).unread, { timeout: 5_000 }).toBe(0);
    const button = (title: string) => page.getByRole("navigation").getByRole("button", { name: title });
    for (const pause of [120, 300, 450, 20]) {
      await button("Tea").click();
      await sleep(pause);
      await button("Cake").click();
      await ben.say({ thread: other, text: `after ${pause} ms` });
      await message(page, `after ${pause} ms`).waitFor();
      await expect.poll(async () => (await ann.thread(other)).unread, { timeout: 5_000 }).toBe(0);
    }
  });

  it("loads one page of history for the Home key, and keeps the place", async () => {
    await talk(room, 400);
    const page = await open();
    await message(page, "no 400.").waitFor();
    const pages: string[] = [];
    page.on("request", (request) => {
      if (request.url().includes("/messages?")) pages.push(request.url());
    });
    const log = page.getByRole("log");
    await log.focus();
    await page.keyboard.press("Home");
    await sleep(1_500);
    expect(pages.length).toBeLessThanOrEqual(2);
    const loaded = await page.getByRole("article").count();
    await log.evaluate((it) => it.scrollTo({ top: -it.scrollHeight }));
    await sleep(1_500);
    expect(await page.getByRole("article").count()).toBeGreaterThan(loaded);
    expect(pages.length).toBeLessThanOrEqual(4);
  });

  it("takes back a message that waits for the network, and does not send it", async () => {
    const page = await open();
    await field(page).waitFor();
    await context.setOffline(true);
    await page.getByText("No connection.").waitFor();
    await field(page).fill("oops");
    await field(page).press("Enter");
    await message(page, "oops").getByRole("button", { name: "Do not send" }).click();
    await expect.poll(() => field(page).inputValue()).toBe("oops");
    expect(await message(page, "oops").count()).toBe(0);
    await context.setOffline(false);
    await page.getByText("No connection.").waitFor({ state: "detached" });
    await sleep(1_000);
    expect((await ben.news()).filter(({ type }) => type === "message")).toEqual([]);
  });

  it("neither counts nor announces a message that was deleted before it arrived", async () => {
    await context.grantPermissions(["notifications"]);
    await context.addInitScript(`
      window.shown = [];
      window.Notification = class { static permission = "granted"; static requestPermission = async () => "granted"; constructor(title) { shown.push(title); } };
      document.hasFocus = () => false;
    `);
    const page = await open({ thread: "" });
    const thread = page.getByRole("navigation").getByRole("button", { name: "Tea" });
    await thread.waitFor();
    await page.getByRole("button", { name: "Turn on desktop notifications" }).click();
    await page.getByRole("button", { name: "Turn off desktop notifications" }).waitFor();
    await context.setOffline(true);
    await page.getByText("No connection.").waitFor();
    const { id } = await ben.say({ thread: room, text: "one" });
    await ben.send({ type: "retract", retract: { thread: room, id } });
    await context.setOffline(false);
    await thread.getByText("This message was deleted.").waitFor();
    expect(await thread.locator(".badge").count()).toBe(0);
    expect(await page.evaluate("shown")).toEqual([]);
    await ben.say({ thread: room, text: "two" });
    await thread.getByText("1 unread message").waitFor();
    expect(await page.evaluate("shown")).toEqual(["Ben · Tea"]);
  });

  it("shows a message as deleted whose deletion overtakes the page of history", async () => {
    await talk(room, 60);
    const { id } = await ben.say({ thread: room, text: "regretted" });
    await talk(room, 60);
    const page = await open();
    // The newest one is there before its history: until then nothing can be scrolled.
    await page.locator('[role="log"][aria-busy="false"]').waitFor();
    await page.route("**/messages?*", async (route) => {
      const response = await route.fetch();
      await sleep(2_000);
      await route.fulfill({ response }).catch(() => {});
    });
    const asked = page.waitForRequest(/messages\?/);
    await page.getByRole("log").evaluate((it) => it.scrollTo({ top: -it.scrollHeight }));
    await asked;
    await sleep(500);
    await ben.send({ type: "retract", retract: { thread: room, id } });
    await page.getByRole("log").getByText("This message was deleted.").waitFor({ state: "attached" });
    expect(await message(page, "regretted").count()).toBe(0);
  });

  it("finds the quoted message, and the conversation with one user, whatever the case of an id and whoever else is there", async () => {
    const cid = somebody("cid");
    const { id, thread } = await ben.say({ to: [ann.entity], text: "How can I help?" });
    await ben.say({ thread, text: "Well?", replyTo: id.toUpperCase() });
    await ben.say({ to: [ann.entity, cid], text: "All three" });
    const page = await open({ thread: "", to: ben.entity });
    await message(page, "Well?").getByRole("button", { name: "Ben How can I help?" }).waitFor();
    expect(await message(page, "All three").count()).toBe(0);
  });

  it("offers nothing to block where the page has chosen whom to talk to", async () => {
    await ben.say({ to: [ann.entity], text: "How can I help?" });
    const page = await open({ thread: "", to: ben.entity });
    await message(page, "How can I help?").waitFor();
    await page.getByRole("button", { name: "Details" }).click();
    await page.getByRole("button", { name: "Mute" }).waitFor();
    expect(await page.getByRole("button", { name: "Block" }).count()).toBe(0);
  });

  it("asks before it blocks somebody, and shows that they are blocked", async () => {
    const { thread } = await ben.say({ to: [ann.entity], text: "Hello" });
    const page = await open({ thread });
    await message(page, "Hello").waitFor();
    await page.getByRole("button", { name: "Details" }).click();
    await page.getByRole("button", { name: "Block", exact: true }).click();
    expect((await ann.call("GET", "blocks")).json).toEqual({ blocks: [] });
    await page.getByRole("button", { name: "Block: are you sure?" }).click();
    await page.getByRole("button", { name: "Unblock" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByText("You block them").waitFor();
  });
});
