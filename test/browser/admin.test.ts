import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asThread, type Outsider, type Sent } from "../support/outsider.js";
import { type Site, session } from "../support/site.js";
import { found, named } from "./chromium.js";
import { violations } from "./host.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";

const PICTURE = "docs/moderation.png";
const PICTURE_MAX = 60_000;

// Notes what the policy of the page blocks.
const WATCH = `
  window.blocked = [];
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => blocked.push(violatedDirective + " " + blockedURI));
`;

describe.skipIf(!found)(named("the page for moderators"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let ann: Outsider;
  let ben: Outsider;
  let room: string;
  let said: Sent;
  beforeAll(async () => {
    const opened = await openSite({ CHAT_PREFIX: `admin-${randomUUID().slice(0, 8)}:` });
    ({ server, browser } = opened);
    return opened.close;
  });
  beforeEach(async () => {
    ({ ann, ben, room } = await openTeaRoom(server));
    said = await ben.say({ thread: room, text: "<img src=x onerror=alert(1)> Buy tea at my shop!" });
    await ann.send({ type: "report", report: { thread: room, id: said.id, reason: "He sells things" } });
    context = await browser.newContext({ viewport: { width: 760, height: 640 } });
    context.setDefaultTimeout(8_000);
  });
  afterEach(async () => {
    await context.close();
    // Each test begins with the report of its own.
    const headers = { authorization: `Bearer ${await session("mod", { scope: "chat:server" })}` };
    await server.call("DELETE", `server/threads/${room}`, { headers });
    const { json } = await server.call("GET", "server/reports", { headers });
    for (const { id } of Object(json).reports)
      await server.call("POST", `server/reports/${id}`, { headers, body: { action: "accept" } });
  });

  const open = async (claims: object | null = { role: "moderator" }) => {
    if (claims !== null)
      await context.addCookies([{ name: "chat_session", value: await session("mod", { ...claims }), url: server.url }]);
    page = await context.newPage();
    await page.addInitScript(WATCH);
    await page.goto(`${server.url}/nereid-chat/admin`);
  };
  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
  const status = (text: string) => page.getByRole("status").getByText(text).waitFor();
  const history = async () =>
    Object((await ann.call("GET", `threads/${room}/messages`)).json).messages as readonly object[];

  it("shows what a formatted message says without its tags", async () => {
    const { id } = await ben.say({ thread: room, type: "html", text: "Buy <b>tea</b> &amp; cups" });
    await ann.send({ type: "report", report: { thread: room, id } });
    await open();
    await page.getByRole("listitem").getByText("Buy tea & cups", { exact: true }).waitFor();
  });

  it("shows what was reported as text, and retracts it at the second press", async () => {
    await open();
    await page.getByRole("listitem").getByText("<img src=x onerror=alert(1)> Buy tea").waitFor();
    await page.getByText("He sells things").waitFor();
    await press("Retract");
    expect(await history()).toMatchObject([{ text: expect.any(String) }]);
    await press("Retract: are you sure?");
    await status("the message is gone");
    await page.getByText("Nothing is reported.").waitFor();
    expect(await history()).toMatchObject([{ retracted: expect.any(String) }]);
    expect(await page.evaluate("blocked")).toEqual([]);
  });

  it("is worked by the keyboard alone: accepts a report, and keeps the focus where it goes on", async () => {
    await open();
    await page.getByRole("button", { name: "Accept" }).focus();
    await page.keyboard.press("Enter");
    await status("the message stays");
    await page.getByText("Nothing is reported.").waitFor();
    expect(await page.evaluate("document.activeElement !== document.body")).toBe(true);
    await page.getByRole("button", { name: "Rooms" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Tea" }).waitFor();
  });

  it("bans an author from the list, finds them by their id, and lifts the ban", async () => {
    await open();
    await press("Ban the author");
    await press("Ban the author: are you sure?");
    await status("refused everywhere");
    expect((await ben.call("GET", "threads")).status).toBe(403);
    await press("People");
    await page.getByRole("button", { name: `Lift the ban of ${ben.entity}` }).waitFor();
    await page.getByLabel("User id").fill(ben.entity);
    await press("Find");
    await page.getByText("Banned from the deployment.").waitFor();
    await press("Lift the ban");
    await page.getByText("Not banned. In 1 thread.").waitFor();
    await expect.poll(async () => (await ben.call("GET", "threads")).status).toBe(200);
  });

  it("slows a room, and deletes it", async () => {
    await open();
    await press("Rooms");
    await page.getByText("Ben: <img src=x").waitFor();
    await page.getByLabel("Slow mode of Tea").selectOption("30 s");
    await status("wait 30 s");
    expect(asThread(await ann.call("GET", `threads/${room}`))).toMatchObject({ slow: 30 });
    await press("Delete the room");
    await press("Delete the room: are you sure?");
    await status("Deleted: Tea.");
    expect((await ann.call("GET", `threads/${room}`)).status).toBe(404);
  });

  it("says to others why they see nothing, and takes a token that it keeps in memory", async () => {
    await open({});
    await page.getByText("not as a moderator").waitFor();
    expect(await page.getByText("Buy tea").count()).toBe(0);
    const enter = async (token: string) => {
      await page.getByLabel("Service token").fill(token);
      await page.keyboard.press("Enter");
    };
    await enter(ann.token);
    await page.getByRole("status").filter({ hasText: /./ }).waitFor();
    const token = await session("server", { scope: "chat:server" });
    await enter(token);
    await page.getByText("He sells things").waitFor();
    await press("Accept");
    await status("the message stays");
    const kept = "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])";
    expect(await page.evaluate(kept)).not.toContain(token);
    await page.reload();
    await page.getByText("not as a moderator").waitFor();
  });

  it("says so where nobody is logged in", async () => {
    await open(null);
    await page.getByText("Nobody is logged in here").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it.each([
    { colorScheme: "light", dir: "ltr", width: 760 },
    { colorScheme: "dark", dir: "rtl", width: 360 },
  ] as const)(
    "has nothing that axe objects to, nor a part beside the screen: %j",
    async ({ colorScheme, dir, width }) => {
      await open();
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 700 });
      await page.evaluate(`document.documentElement.dir = "${dir}"`);
      await page.getByText("He sells things").waitFor();
      const check = async () => {
        expect(await violations(page)).toEqual([]);
        expect(await page.evaluate("document.documentElement.scrollWidth > innerWidth")).toBe(false);
      };
      await check();
      await press("Rooms");
      await page.getByRole("heading", { name: "Tea" }).waitFor();
      await check();
      await press("People");
      await page.getByLabel("User id").fill(ben.entity);
      await press("Find");
      await page.getByText("Not banned.").waitFor();
      await check();
    },
  );

  it("is pictured in docs/moderation.md as it is (UPDATE=1 takes the picture anew)", async () => {
    if (process.env.UPDATE === "1") {
      await open();
      await page.getByText("He sells things").waitFor();
      await page.setViewportSize({ width: 760, height: 480 });
      await writeFile(PICTURE, await page.screenshot());
    }
    expect((await readFile(PICTURE)).byteLength).toBeLessThan(PICTURE_MAX);
  });
});
