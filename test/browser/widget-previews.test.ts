import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asPage, type Outsider } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host, violations } from "./host.js";
import { openSite } from "./opened-site.js";
import { openTeaRoom } from "./tea-room.js";

const LINK = "https://example.com/tea";
const HEAD = { url: LINK, title: "All about tea", description: "Green, black and white", site: "Example" };

describe.skipIf(!found)(named("previews of links in <nereid-chat>"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let [ann, ben]: Outsider[] = [];
  let room: string;
  let page: Page;
  /** The pages that the widget asked about. The public web is not reached from here: the answer is made up, nothing else. */
  let asked: string[];
  beforeAll(async () => {
    const opened = await openSite();
    ({ server, browser } = opened);
    return opened.close;
  });
  beforeEach(async () => {
    ({ ann, ben, room } = await openTeaRoom(server));
    context = await browser.newContext({ viewport: { width: 900, height: 700 } });
    asked = [];
    await context.route("**/nereid-chat/previews", async (route) => {
      const { url } = route.request().postDataJSON();
      asked.push(url);
      if (url === LINK) await route.fulfill({ json: HEAD });
      else await route.continue();
    });
    page = await host(context, server, { token: ann.token, thread: room });
  });
  afterEach(() => context.close());

  const field = () => page.getByRole("textbox", { name: "Message Tea" });
  const without = () => page.getByRole("button", { name: "Send without a preview" });
  const newest = async () => ann && asPage(await ann.call("GET", `threads/${room}/messages?limit=1`)).messages.at(-1);

  it("are offered once the address is whole, sent along, and shown without asking the page", async () => {
    await field().pressSequentially(`Look: ${LINK} `, { delay: 5 });
    await without().waitFor();
    expect(asked).toEqual([LINK]);
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Enter");
    await expect.poll(newest).toMatchObject({
      text: `Look: ${LINK}`,
      attachments: [
        {
          url: LINK,
          name: HEAD.title,
          contentType: "text/html",
          preview: { description: HEAD.description, site: "Example" },
        },
      ],
    });
    const card = page.getByRole("log").getByRole("link", { name: HEAD.title });
    expect(await card.textContent()).toContain("example.com");
    expect(await violations(page)).toEqual([]);
    expect(await without().count()).toBe(0);
  });

  it("are left out when the user wants none", async () => {
    await field().fill(LINK);
    await without().click();
    expect(await without().count()).toBe(0);
    await field().press("Enter");
    await expect.poll(newest).toMatchObject({ text: LINK });
    expect((await newest())?.attachments ?? []).toEqual([]);
  });

  it("are none of a page without one, and of a link that was removed", async () => {
    await field().fill("http://localhost/");
    await expect.poll(() => asked).toEqual(["http://localhost/"]);
    await field().fill(LINK);
    await without().waitFor();
    await field().fill("No link");
    expect(await without().count()).toBe(0);
    await field().press("Enter");
    await expect.poll(newest).toMatchObject({ text: "No link" });
    expect((await newest())?.attachments ?? []).toEqual([]);
  });

  it("show where a link leads, whatever its sender wrote", async () => {
    const attachments = [
      { url: "https://evil.example/", name: "Your bank", contentType: "text/html", preview: { site: "Bank" } },
    ];
    await ben?.say({ thread: room, text: "Log in", attachments });
    const card = page.getByRole("log").getByRole("link", { name: "Your bank" });
    expect((await card.textContent())?.trim()).toBe("Your bankevil.example");
  });
});
