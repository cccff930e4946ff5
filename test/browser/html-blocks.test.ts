import type { Browser } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import { blocksOf, readPages } from "../docs/markdown.js";
import { type Site, session } from "../support/site.js";
import { found, named } from "./chromium.js";
import { openSite } from "./opened-site.js";

// Each block of HTML in the documentation, as the body of a page of the deployment's own origin, whose back end logs Ann in.

const blocks = readPages()
  .flatMap(blocksOf)
  .filter(({ language }) => language === "html");

describe.skipIf(!found)(named("the HTML of the documentation"), () => {
  let server: Site;
  let browser: Browser;
  beforeAll(async () => {
    const opened = await openSite();
    ({ server, browser } = opened);
    return opened.close;
  });

  it.each(blocks)("at $where loads, and connects", async ({ code }) => {
    const context = await browser.newContext();
    await context.addCookies([{ name: "chat_session", value: await session("ann"), url: server.url }]);
    const page = await context.newPage();
    const failures: string[] = [];
    page.on("pageerror", (error) => failures.push(error.message));
    await page.addInitScript("window.show = () => {}");
    await page.route(`${server.url}/page`, (route) =>
      route.fulfill({
        contentType: "text/html",
        body: bodyOf(code.replaceAll("https://chat.example.com", server.url)),
      }),
    );
    await page.route(`${server.url}/my/chat-token`, async (route) => {
      const { token, cursor, expires, entity } = await server.token("ann");
      await route.fulfill({ json: { token, cursor, expires, actor: { id: entity } } });
    });
    const streamed = page.waitForRequest(/\/nereid-chat\/stream/);
    await page.goto(`${server.url}/page`);
    await streamed;
    expect(failures).toEqual([]);
    await context.close();
  });

  /** A page of a block. One that shows the element alone has the script elsewhere. */
  function bodyOf(block: string): string {
    const script = /<script/.test(block) ? "" : '<script src="/nereid-chat/chat.js" defer></script>';
    return `<!doctype html><html lang="en"><meta charset="utf-8"><title>A page</title>${script}<body>${block}</body></html>`;
  }
});

it("there are blocks of HTML", () => expect(blocks.length).toBeGreaterThan(4));
