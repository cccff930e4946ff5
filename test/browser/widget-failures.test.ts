import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import * as v from "valibot";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Outsider, outsider, somebody } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host } from "./host.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";

const Friends = v.object({ friends: v.array(v.object({ entity: v.string(), show: v.optional(v.string()) })) });
const Invite = v.object({ code: v.string() });

describe.skipIf(!found)(named("<nereid-chat> when a request fails"), () => {
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

  const open = () => host(context, server, { token: ann.token, thread: room });
  const field = (page: Page) => page.getByRole("textbox", { name: "Message Tea" });
  const message = (page: Page, text: string): Locator =>
    page
      .getByRole("log")
      .getByRole("article")
      .filter({ has: page.locator(".text", { hasText: text }) });
  /** Lets requests fail whose address or body holds a text, as long as `failing.now` is true. */
  const failing = async (text: string) => {
    const failing = { now: true };
    await context.route(/nereid-chat\/(?:send|threads)/, (route) => {
      const request = route.request();
      const fails = failing.now && `${request.url()} ${request.postData()}`.includes(text);
      return fails ? route.fulfill({ status: 503, body: "" }) : route.continue();
    });
    return failing;
  };
  const shown = async () => {
    const { friends } = v.parse(Friends, (await ben.call("GET", "friends")).json);
    return friends.find(({ entity }) => entity === ann.entity)?.show ?? "available";
  };

  it("reports a message as read later when the receipt could not be sent", async () => {
    await ben.say({ thread: room, text: "Tea?" });
    const receipts = await failing('"receipt"');
    const page = await open();
    await message(page, "Tea?").waitFor();
    await page.waitForResponse((it) => it.status() === 503);
    await page.waitForTimeout(4_000);
    receipts.now = false;
    await expect.poll(async () => (await ann.thread(room)).unread, { timeout: 15_000 }).toBe(0);
  });

  it("tells the presence that was chosen without a network once it is back", async () => {
    const page = await open();
    await field(page).waitFor();
    await context.setOffline(true);
    await page.getByRole("combobox", { name: "Your presence" }).selectOption("dnd");
    await page.waitForTimeout(6_000);
    await context.setOffline(false);
    await expect.poll(shown, { timeout: 15_000 }).toBe("dnd");
  });

  it("shows one presence in all tabs, the one that was chosen last, also after a reload", async () => {
    const presence = (page: Page) => page.getByRole("combobox", { name: "Your presence" });
    const [first, second] = [await open(), await open()];
    await field(second).waitFor();
    await presence(second).selectOption("away");
    await expect.poll(() => presence(first).inputValue()).toBe("away");
    await presence(first).selectOption("dnd");
    await expect.poll(() => presence(second).inputValue()).toBe("dnd");
    await second.reload();
    await expect.poll(() => presence(second).inputValue()).toBe("dnd");
    await expect.poll(shown).toBe("dnd");
  });

  it("offers to take back a message that only its own request keeps waiting", async () => {
    const page = await open();
    await page.getByText("2 members, 1 online").waitFor();
    const sending = await failing("oops");
    await field(page).fill("oops");
    await field(page).press("Enter");
    await page.getByRole("button", { name: "Do not send" }).click();
    await expect.poll(() => field(page).inputValue()).toBe("oops");
    sending.now = false;
    await page.waitForTimeout(2_000);
    expect((await ann.thread(room)).last).toBeUndefined();
  });

  it.each([
    ["slow_mode", 429, undefined, "This room is slow: wait a while between messages."],
    ["refused", 422, "No links, please.", "No links, please."],
  ])("says why a message and an edit were not accepted: %s", async (code, status, detail, text) => {
    await ann.say({ thread: room, text: "before" });
    const page = await open();
    await message(page, "before").waitFor();
    const problem = { type: `urn:nereid-chat:problem:${code}`, code, status, title: "Not accepted", detail };
    await context.route(/nereid-chat\/send/, (route) =>
      /"(?:message|edit)"/.test(route.request().postData() ?? "")
        ? route.fulfill({ status, contentType: "application/problem+json", body: JSON.stringify(problem) })
        : route.continue(),
    );
    await field(page).fill("oops");
    await field(page).press("Enter");
    await message(page, "oops").getByText(`Not sent: ${text}`).waitFor();
    await message(page, "oops").getByRole("button", { name: "Discard" }).click();
    await field(page).press("ArrowUp");
    await field(page).fill("after");
    await field(page).press("Enter");
    await page.getByText(text, { exact: true }).waitFor();
    expect(await field(page).inputValue()).toBe("after");
  });

  it("says that a user was banned, not that they have no connection", async () => {
    const page = await open();
    await field(page).waitFor();
    const problem = { type: "urn:nereid-chat:problem:banned", code: "banned", status: 403, title: "Banned" };
    await context.route(/nereid-chat\/(?:stream|send)/, (route) =>
      route.fulfill({ status: 403, contentType: "application/problem+json", body: JSON.stringify(problem) }),
    );
    await page.evaluate(`dispatchEvent(new Event("online"))`);
    await page.getByText("You may not use this chat.").waitFor();
  });

  it.each([
    ["a page", 200],
    ["an error", 500],
    ["nothing", 0],
  ])("names the endpoint in the console that answers the request for a token by %s", async (_, status) => {
    const page = await context.newPage();
    const said: string[] = [];
    page.on("console", (it) => said.push(it.text()));
    await page.route("**/mine", (route) =>
      status === 0 ? route.abort() : route.fulfill({ status, body: "<p>Log in" }),
    );
    await page.route("**/shop", (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<script src="/nereid-chat/chat.js"></script><nereid-chat token-url="/mine"></nereid-chat>`,
      }),
    );
    await page.goto(`${server.url}/shop`);
    await page.getByText("Cannot reach the chat.").waitFor();
    const expected = new RegExp(`${status} unreachable Cannot get a token from /mine\\. This page's own back end`);
    await expect.poll(() => said.filter((it) => expected.test(it)).length).toBe(1);
  });

  it("says that a token which the page has given is not valid, not that its user has to log in", async () => {
    const page = await context.newPage();
    const said: string[] = [];
    page.on("console", (it) => said.push(it.text()));
    const body = `<script src="/nereid-chat/chat.js"></script><nereid-chat token="${crypto.randomUUID()}"></nereid-chat>`;
    await page.route("**/shop", (route) => route.fulfill({ contentType: "text/html", body }));
    await page.goto(`${server.url}/shop`);
    await page.getByText("Your access to the chat has expired.").waitFor();
    await expect
      .poll(() => said.some((it) => it.includes("The token has expired or is another deployment's")))
      .toBe(true);
  });

  it("says in an open dialog what went wrong, and keeps an invite that could not be used", async () => {
    const { code } = v.parse(Invite, (await ann.call("POST", `threads/${room}/invites`, {})).json);
    const cid = await outsider(server, somebody("cid"), { name: "Cid" });
    const joining = await failing("threads/join");
    const page = await context.newPage();
    await page.route("**/invited", (route) =>
      route.fulfill({
        contentType: "text/html",
        body: `<script src="/nereid-chat/chat.js"></script><nereid-chat token="${cid.token}"></nereid-chat>`,
      }),
    );
    await page.goto(`${server.url}/invited#nereid-chat=${code}&tab=2`);
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Join" }).click();
    await dialog.getByText("Cannot reach the chat. Try again.").waitFor({ timeout: 15_000 });
    expect(page.url()).toBe(`${server.url}/invited#tab=2`);
    joining.now = false;
    await dialog.getByRole("button", { name: "Join" }).click();
    await field(page).waitFor();
  });
});
