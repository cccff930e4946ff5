import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asThread, type Outsider, outsider, somebody } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host } from "./host.js";
import { openSite } from "./opened-site.js";

describe.skipIf(!found)(named("<nereid-chat> with many conversations and people"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let ann: Outsider;
  let ben: Outsider;
  beforeAll(async () => {
    const opened = await openSite();
    ({ server, browser } = opened);
    return opened.close;
  });
  beforeEach(async () => {
    ann = await outsider(server, somebody("ann"), { name: "Ann" });
    ben = await outsider(server, somebody("ben"), { name: "Ben" });
    context = await browser.newContext({ viewport: { width: 900, height: 700 } });
  });
  afterEach(() => context.close());

  const room = async (who: Outsider, subject: string, members: string[] = []) =>
    asThread(await who.call("POST", "threads", { kind: "room", members, subject })).id;
  /** Opens the page of a user as they come in now: what was before does not arrive by the stream. */
  const open = async ({ entity }: Outsider, attributes: Record<string, string> = {}) =>
    host(context, server, { token: (await server.token(entity)).token, ...attributes });
  const list = (page: Page) => page.getByRole("navigation");
  const search = (page: Page) => page.getByRole("searchbox", { name: "Search", exact: true });
  const focused = (page: Page) =>
    page.locator("nereid-chat").evaluate(({ shadowRoot }) => shadowRoot?.activeElement?.textContent ?? "");
  const rooms = async (count: number) => {
    for (let i = 1; i <= count; i++) await room(ann, `Room ${i}.`);
  };

  it("loads the older of 130 conversations as the user scrolls", async () => {
    await rooms(130);
    const page = await open(ann);
    await list(page).getByText("Room 130.").waitFor();
    expect(await list(page).getByText("Room 1.", { exact: true }).count()).toBe(0);
    const end = () => list(page).evaluate((it) => it.scrollTo({ top: it.scrollHeight }));
    await expect
      .poll(async () => {
        await end();
        return list(page).getByText("Room 1.", { exact: true }).count();
      })
      .toBe(1);
    expect(await list(page).getByRole("button").count()).toBe(130);
    expect(await list(page).getByText("Loading older conversations…").count()).toBe(0);
  });

  it("finds the oldest of 130 conversations, though newer ones fit the search, too", async () => {
    await room(ann, "Old Room");
    await rooms(130);
    const page = await open(ann);
    await list(page).getByText("Room 130.").waitFor();
    await search(page).fill("nowhere");
    await page.getByText("Nothing found.").waitFor();
    await page.reload();
    await list(page).getByText("Room 130.").waitFor();
    await search(page).fill("room");
    await list(page).getByText("Old Room").waitFor();
  });

  it.each([
    ["café", "cafe\u0301"],
    ["file", "FILE"],
    ["STRASSE", "Straße"],
    ["istanbul", "İSTANBUL"],
  ])("finds for %j the conversation, the message and the person called %j", async (query, text) => {
    const other = await outsider(server, somebody("other"), { name: text });
    const id = await room(ann, text, [ben.entity, other.entity, ...Array.from({ length: 8 }, () => somebody())]);
    await other.say({ thread: id, text: "Hello" });
    await ben.say({ thread: id, text: `A word: ${text}` });
    const page = await open(ann);
    await search(page).fill(query);
    await expect.poll(() => list(page).getByRole("button").count()).toBe(2);
    await list(page).getByRole("button").first().click();
    await page.getByRole("button", { name: "Details" }).click();
    await page.getByRole("searchbox", { name: "Search people" }).fill(query);
    await expect.poll(() => page.getByRole("dialog").getByRole("listitem").allTextContents()).toHaveLength(1);
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "New conversation" }).click();
    await page.getByRole("searchbox", { name: "Search people" }).fill(query);
    await expect.poll(() => page.getByRole("checkbox").count()).toBe(1);
  });

  it("takes one Tab to pass a list of 50, in which the arrow keys move", async () => {
    await rooms(50);
    const page = await open(ann);
    await list(page).getByText("Room 50.").waitFor();
    await search(page).focus();
    await page.keyboard.press("Tab");
    expect(await focused(page)).toContain("Room 50.");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    expect(await focused(page)).toContain("Room 48.");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Tab");
    expect(await focused(page)).toContain("Room 48.");
    await page.keyboard.press("End");
    expect(await focused(page)).toContain("Room 1.");
    await page.keyboard.press("Tab");
    expect(await list(page).evaluate((it) => it.matches(":focus-within"))).toBe(false);
  });

  it("offers 500 people with a search that has the focus, and passes them by one Tab", async () => {
    const people = Array.from({ length: 500 }, (_, i) => ({ entity: somebody("p"), name: `Person ${i + 1}.` }));
    for (let i = 0; i < 500; i += 50)
      await Promise.all(people.slice(i, i + 50).map(({ entity, name }) => server.token(entity, { name })));
    for (let i = 0; i < 500; i += 99) {
      const members = people.slice(i, i + 99).map(({ entity }) => entity);
      await room(ann, `Crowd ${i}`, members);
    }
    const page = await open(ann);
    await list(page).getByText("Crowd 0", { exact: true }).waitFor();
    await page.getByRole("button", { name: "New conversation" }).click();
    const box = page.getByRole("searchbox", { name: "Search people" });
    await expect.poll(() => box.evaluate((it) => it.matches(":focus"))).toBe(true);
    await expect.poll(() => page.getByRole("checkbox").count()).toBe(500);
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Space");
    expect(await page.getByRole("checkbox", { checked: true }).count()).toBe(1);
    await page.keyboard.press("Tab");
    const name = page.getByRole("textbox", { name: "Name of the room" });
    expect(await name.evaluate((it) => it.matches(":focus"))).toBe(true);
    await box.fill("person 321");
    await expect.poll(() => page.getByRole("checkbox").count()).toBe(2);
    await page.getByRole("checkbox", { name: "Person 321." }).check();
    await box.press("Enter");
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.getByText(/^3 members/).waitFor();
  }, 60_000);

  it("names all of 130 members of a room, page by page, and finds each", async () => {
    const people = Array.from({ length: 129 }, (_, i) => ({ entity: somebody("p"), name: `Person ${i + 1}.` }));
    await Promise.all(people.map(({ entity, name }) => server.token(entity, { name })));
    const id = await room(
      ann,
      "Crowd",
      people.slice(0, 90).map(({ entity }) => entity),
    );
    await ann.call("PATCH", `threads/${id}`, { add: people.slice(90).map(({ entity }) => entity) });
    const page = await open(ann, { thread: id });
    await page.getByRole("button", { name: "Details" }).click();
    const dialog = page.getByRole("dialog", { name: "Crowd" });
    const names = () => dialog.getByRole("listitem").count();
    await expect.poll(names).toBe(100);
    await dialog.getByText("Owner").waitFor();
    await dialog.getByRole("button", { name: "More people" }).click();
    await expect.poll(names).toBe(130);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Details" }).click();
    await page.getByRole("searchbox", { name: "Search people" }).fill("person 129.");
    await expect.poll(names).toBe(1);
  });

  it("finds people who never logged in by their identifier, and does not list them before", async () => {
    const ghost = somebody("ghost");
    await room(ann, "Tea", [ben.entity, ghost]);
    const page = await open(ann);
    await list(page).getByText("Tea").waitFor();
    await page.getByRole("button", { name: "New conversation" }).click();
    await expect.poll(() => page.getByRole("checkbox").count()).toBe(1);
    await page.getByRole("searchbox", { name: "Search people" }).fill("ghost");
    await page.getByRole("checkbox", { name: ghost }).check();
    await page.getByRole("searchbox", { name: "Search people" }).fill("nobody at all");
    expect(await page.getByRole("checkbox").count()).toBe(1);
  });

  it("counts nobody as online while there is no connection, and says so at once", async () => {
    const id = await room(ann, "Tea", [ben.entity]);
    const page = await open(ann, { thread: id });
    await page.getByText("2 members, 1 online").waitFor();
    await context.setOffline(true);
    await page.getByText("2 members, 0 online").waitFor({ timeout: 2_000 });
    await page.getByText("No connection.").waitFor({ timeout: 1_000 });
    await page.getByRole("button", { name: "Details" }).click();
    expect(await page.getByRole("dialog").locator(".dot.available").count()).toBe(0);
    await page.keyboard.press("Escape");
    await context.setOffline(false);
    await page.getByText("2 members, 1 online").waitFor();
  });

  it("says who is in a direct thread, whatever it is called, and among three who says what", async () => {
    const guest = await outsider(server, somebody("guest"), { name: "Ben", actor: { objectType: "guest" } });
    const posing = { kind: "direct", members: [ann.entity], subject: "Customer support" };
    const { id: two } = asThread(await guest.call("POST", "threads", posing));
    await guest.say({ thread: two, text: "Your password, please" });
    const among = { kind: "direct", members: [ann.entity, ben.entity] };
    const { id: three } = asThread(await guest.call("POST", "threads", among));
    await ben.say({ thread: three, text: "Who is this?" });
    await guest.say({ thread: three, text: "Your card, please" });
    const page = await open(ann);
    await list(page).getByText("Ben (guest) · Customer support", { exact: true }).click();
    await page.getByRole("heading", { name: "Ben (guest) · Customer support" }).waitFor();
    await list(page).getByText("Ben (guest): Your card, please").waitFor();
    await list(page).getByText("Ben (guest), Ben", { exact: true }).click();
    await page.getByRole("heading", { name: "Ben (guest), Ben" }).waitFor();
    const names = page.locator("nereid-chat .name");
    await expect.poll(() => names.allTextContents()).toEqual(["Ben", "Ben (guest)"]);
  });

  it("names the room and the inviter when it asks whether to join", async () => {
    const code = "a-code-of-an-invite-that-is-new";
    const by = { id: ben.entity, displayName: "Ben" };
    await context.route(`${server.url}/nereid-chat/invites/${code}`, (route) =>
      route.fulfill({ json: { thread: "t", subject: "Cake", by, memberCount: 3, member: false } }),
    );
    const page = await open(ann);
    await page.goto("about:blank");
    await page.goto(`${server.url}/host#nereid-chat=${code}`);
    await page.getByRole("heading", { name: "Join “Cake”?" }).waitFor();
    await page.getByText("Ben has made the invite. 3 people are there.").waitFor();
  });

  it("asks about the room that is joined, when another link comes while it asks", async () => {
    const answer = async (code: string, subject: string, ms: number) =>
      context.route(`${server.url}/nereid-chat/invites/${code}`, async (route) => {
        await new Promise((resolve) => setTimeout(resolve, ms));
        await route.fulfill({ json: { thread: "t", subject, by: { id: ben.entity }, memberCount: 3, member: false } });
      });
    const page = await open(ann);
    await answer("cake", "Cake", 0);
    await answer("late", "Late", 500);
    await answer("trap", "Trap", 0);
    const joined: unknown[] = [];
    await context.route(`${server.url}/nereid-chat/threads/join`, (route) => {
      joined.push(route.request().postDataJSON());
      return route.fulfill({ status: 404, json: { code: "not_found", status: 404, title: "Gone" } });
    });
    await page.evaluate('location.hash = "nereid-chat=cake"');
    await page.getByRole("heading", { name: "Join “Cake”?" }).waitFor();
    await page.evaluate('location.hash = "nereid-chat=late"');
    await page.evaluate('location.hash = "nereid-chat=trap"');
    await page.getByRole("heading", { name: "Join “Trap”?" }).waitFor();
    await page.waitForTimeout(700);
    await page.getByRole("heading", { name: "Join “Trap”?" }).waitFor();
    await page.getByRole("button", { name: "Join", exact: true }).click();
    await expect.poll(() => joined).toEqual([{ code: "trap" }]);
  });

  it("opens the room of an invite at once for somebody who is a member already", async () => {
    const id = await room(ann, "Tea", [ben.entity]);
    await context.route(`${server.url}/nereid-chat/invites/mine`, (route) =>
      route.fulfill({ json: { thread: id, subject: "Tea", by: { id: ben.entity }, memberCount: 2, member: true } }),
    );
    const page = await open(ann);
    await page.goto("about:blank");
    await page.goto(`${server.url}/host#nereid-chat=mine`);
    await page.getByRole("textbox", { name: "Message Tea" }).waitFor();
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
  });
});
