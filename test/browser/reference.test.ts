import { readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { violations } from "./host.js";
import { openSite } from "./opened-site.js";

const document = JSON.parse(readFileSync("public/openapi.json", "utf8"));
const METHODS = ["get", "post", "patch", "put", "delete"];
const operations = Object.entries<Record<string, { operationId: string }>>(document.paths).flatMap(([, item]) =>
  Object.entries(item).flatMap(([method, it]) => (METHODS.includes(method) ? [it.operationId] : [])),
);

describe.skipIf(!found)(named("the API reference at /docs"), () => {
  let server: Site;
  let browser: Browser;
  beforeAll(async () => {
    const opened = await openSite();
    ({ server, browser } = opened);
    return opened.close;
  });

  async function open(width = 1280): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height: 844 } });
    const page = await context.newPage();
    await page.goto(`${server.url}/docs`);
    return page;
  }

  it("describes each operation and each schema, and each of its links leads somewhere", async () => {
    const page = await open();
    expect(await page.title()).toBe("nereid-chat: API reference");
    const ids: string[] = await page.evaluate("[...document.querySelectorAll('section')].map(({ id }) => id)");
    const schemas = Object.keys(document.components.schemas).map((name) => `schema-${name}`);
    expect([...ids].sort()).toEqual([...operations, ...schemas].sort());
    const dead = await page.evaluate(
      "[...document.querySelectorAll('a[href^=\"#\"]')].filter((it) => document.getElementById(it.hash.slice(1)) === null).map((it) => it.hash)",
    );
    expect(dead).toEqual([]);
    await page.context().close();
  });

  it("is one page and one style sheet of its own, under a policy that allows no more", async () => {
    const page = await (await browser.newContext()).newPage();
    const asked: string[] = [];
    const refused: string[] = [];
    page.on("request", (request) => asked.push(request.url().replace(server.url, "")));
    page.on("console", (message) => message.type() === "error" && refused.push(message.text()));
    const response = await page.goto(`${server.url}/docs`);
    expect(asked.filter((it) => it !== "/favicon.ico")).toEqual(["/docs", "/docs/style.css"]);
    expect(refused.filter((it) => !it.includes("404"))).toEqual([]);
    expect(response?.headers()["content-security-policy"]).toBe(
      "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    await page.context().close();
  });

  it.each(["light", "dark"] as const)(
    "is accessible and readable, %s",
    async (colorScheme) => {
      // The policy of the page refuses the script that checks it.
      const page = await (await browser.newContext({ bypassCSP: true, colorScheme })).newPage();
      await page.goto(`${server.url}/docs`);
      expect(await violations(page)).toEqual([]);
      await page.context().close();
    },
    120_000,
  );

  it("does not scroll sideways on a phone", async () => {
    const page = await open(390);
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    await page.context().close();
  });
});
