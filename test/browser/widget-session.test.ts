import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asThread, asThreads, type Outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host } from "./host.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";

describe.skipIf(!found)(named("<nereid-chat> and the user who is logged in"), () => {
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

  const field = (page: Page, title = "Tea") => page.getByRole("textbox", { name: `Message ${title}` });
  /** Answers for the page's own back end; `status` is that of the answer when nobody is logged in. */
  const backEnd = async (who: () => Outsider | undefined) => {
    const asked: Record<string, string>[] = [];
    let last = "";
    await context.route(`${server.url}/token`, async (route) => {
      asked.push(route.request().headers());
      const user = who();
      if (user === undefined) return route.fulfill({ status: 401 });
      const { token, cursor } = await server.token(user.entity);
      last = token;
      const actor = { id: user.entity };
      await route.fulfill({ json: { token, cursor, actor } });
    });
    /** Ends the token that was made last. */
    const end = () => server.call("DELETE", `token/${last}`);
    return { asked, end };
  };

  it("starts anew for another user, and shows nothing of the one before", async () => {
    let user: Outsider | undefined = ann;
    const { end } = await backEnd(() => user);
    await ann.call("POST", "threads", { kind: "room", members: [], subject: "Diary of Ann" });
    const page = await host(context, server, { "token-url": "/token" });
    await page.getByRole("button", { name: "Diary of Ann" }).click();
    await field(page, "Diary of Ann").fill("secret");
    user = undefined;
    await end();
    await page.getByText("You are not logged in.").waitFor();
    expect(await page.getByText("Diary of Ann").count()).toBe(0);
    user = ben;
    await page.getByRole("button", { name: "Tea" }).waitFor();
    expect(await page.getByText("Diary of Ann").count()).toBe(0);
    user = ann;
    await end();
    await page.getByRole("button", { name: "Diary of Ann" }).click();
    expect(await field(page, "Diary of Ann").inputValue()).toBe("secret");
  }, 90_000);

  it("keeps a draft for its user across a reload, until it is sent", async () => {
    const page = await host(context, server, { token: ann.token, thread: room });
    await field(page).fill("Ann's secret");
    await page.evaluate(
      `document.querySelector("main").innerHTML = '<nereid-chat token="${ben.token}" thread="${room}"></nereid-chat>'`,
    );
    await expect.poll(() => page.getByRole("option", { name: "Available" }).count()).toBe(1);
    await field(page).waitFor();
    expect(await field(page).inputValue()).toBe("");
    const { token } = await server.token(ann.entity);
    await page.close();
    const again = await host(context, server, { token, thread: room });
    await expect.poll(() => field(again).inputValue()).toBe("Ann's secret");
    await field(again).press("Enter");
    await again.getByRole("article").getByText("Ann's secret").waitFor();
    const { token: next } = await server.token(ann.entity);
    await again.close();
    const last = await host(context, server, { token: next, thread: room });
    await last.getByRole("article").getByText("Ann's secret").waitFor();
    expect(await field(last).inputValue()).toBe("");
  });

  it("keeps the presence that its user chose across a reload, until they choose another one", async () => {
    const open = async () => host(context, server, { token: (await server.token(ann.entity)).token, thread: room });
    const chosen = (page: Page) => page.getByRole("combobox", { name: "Your presence" });
    const seen = async () => JSON.stringify((await ben.call("GET", "friends")).json);
    const page = await open();
    await field(page).waitFor();
    await chosen(page).selectOption("Do not disturb");
    await expect.poll(seen).toContain('"show":"dnd"');
    await page.close();
    const again = await open();
    await expect.poll(() => chosen(again).inputValue()).toBe("dnd");
    await chosen(again).selectOption("Available");
    await again.reload();
    await field(again).waitFor();
    expect(await chosen(again).inputValue()).toBe("available");
  });

  it("keeps its connection and its text when it is moved in the page", async () => {
    const { asked } = await backEnd(() => ann);
    const page = await host(context, server, { "token-url": "/token", thread: room });
    await field(page).fill("half");
    const before = asked.length;
    await page.evaluate(`(async () => {
      const chat = document.querySelector("nereid-chat");
      for (let i = 0; i < 12; i++) {
        const box = document.createElement("div");
        document.body.append(box);
        box.append(chat);
        await new Promise(requestAnimationFrame);
      }
    })()`);
    await ben.say({ thread: room, text: "still there?" });
    await page.getByRole("article").getByText("still there?").waitFor();
    expect(await field(page).inputValue()).toBe("half");
    expect(asked.length - before).toBeLessThanOrEqual(2);
  });

  it("asks for a token with the headers that the page sets", async () => {
    const { asked } = await backEnd(() => ann);
    const page = await host(context, server, {
      "token-url": "/token",
      "token-headers": "{&quot;X-CSRF-Token&quot;: &quot;abc&quot;}",
    });
    await page.getByRole("button", { name: "Tea" }).waitFor();
    expect(asked[0]?.["x-csrf-token"]).toBe("abc");
  });

  it("tells nobody of a conversation before its first message", async () => {
    const threads = async (who: Outsider) => asThreads(await who.call("GET", "threads")).map(({ kind }) => kind);
    const page = await host(context, server, { token: ann.token, to: ben.entity });
    await field(page, "Ben").fill("half");
    await sleep(1_500);
    expect(await threads(ben)).toEqual(["room"]);
    await field(page, "Ben").fill("Hello");
    await field(page, "Ben").press("Enter");
    await page.getByRole("article").getByText("Hello").waitFor();
    await expect.poll(() => threads(ben)).toEqual(["direct", "room"]);
    await page.getByRole("article").getByText("Sent", { exact: true }).waitFor({ state: "attached" });
    expect(await page.getByRole("article").count()).toBe(1);
  });

  it.each(["%", "%E0%A4%A", "%%", ""])(
    "loads the conversation although the invite in the address is %j",
    async (code) => {
      const errors: Error[] = [];
      for (let i = 0; i < 3; i++) await ben.say({ thread: room, text: `no ${i}.` });
      const page = await host(context, server, { token: ann.token, thread: room });
      page.on("pageerror", (error) => errors.push(error));
      await page.goto("about:blank");
      await page.goto(`${server.url}/host#nereid-chat=${code}`);
      await page.getByText("This is where the conversation begins.").waitFor();
      expect(errors).toEqual([]);
    },
  );

  it("asks whether to join by a link to the page that is open already, and says when the invite does not hold", async () => {
    const cake = asThread(await ben.call("POST", "threads", { kind: "room", members: [], subject: "Cake" })).id;
    const { code } = JSON.parse((await ben.call("POST", `threads/${cake}/invites`, {})).text);
    const page = await host(context, server, { token: ann.token });
    await page.getByRole("button", { name: "Tea" }).click();
    await field(page).waitFor();
    await page.evaluate(`location.hash = "nereid-chat=nothing"`);
    await page.getByRole("dialog").getByText("This invite does not hold any more.").waitFor();
    await page.keyboard.press("Escape");
    await page.evaluate(`location.hash = "nereid-chat=${code}"`);
    await page.getByRole("heading", { name: "Join “Cake”?" }).waitFor();
    await page.getByRole("button", { name: "Join", exact: true }).click();
    await field(page, "Cake").waitFor();
    expect(page.url()).not.toContain(code);
  });

  it("does not read an invite where the page says what to show", async () => {
    const made = await ben.call(
      "POST",
      `threads/${asThread(await ben.call("POST", "threads", { kind: "room", members: [], subject: "Trap" })).id}/invites`,
      {},
    );
    const code = JSON.parse(made.text).code;
    const page = await host(context, server, { token: ann.token, to: ben.entity });
    await page.goto("about:blank");
    await page.goto(`${server.url}/host#nereid-chat=${code}`);
    await field(page, "Ben").waitFor();
    expect(await page.getByRole("dialog").count()).toBe(0);
    expect((await ann.call("GET", "threads")).text).not.toContain("Trap");
  });
});
