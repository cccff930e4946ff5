import { readFileSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { type Site, site } from "../support/site.js";
import { connectBrowser, found, named } from "./chromium.js";
import { violations } from "./host.js";

const document = readFileSync(new URL("../../docs/cost.md", import.meta.url), "utf8");

describe.skipIf(!found)(named("the calculator at /cost"), () => {
  let server: Site;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];
  beforeAll(async () => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    [server, browser] = await Promise.all([site(store), connectBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    complaints.length = 0;
    context = await browser.newContext();
    page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${server.url}/cost`);
  });
  afterEach(() => context.close());

  const field = (name: string) => page.getByRole("spinbutton", { name });
  const cell = (table: string, row: string) =>
    page.getByRole("table", { name: table }).getByRole("row", { name: row }).getByRole("cell").textContent();
  /** The cells of a row of docs/cost.md that has so many users and this name, from a table whose head has a word. */
  const documented = (head: string, ...begin: string[]) => {
    const [, table = ""] = document.split(head);
    const line = table.split("\n").find((it) => it.startsWith(`| ${begin.join(" | ")} |`));
    return line?.split(" | ").map((it) => it.replaceAll(/[*|]/g, "").trim());
  };

  it("begins with what the documentation says of 1,000 daily users", async () => {
    const row = documented("| on Hobby, $", "1,000", "streams of 780 s, pages in sight");
    const bill = "What it costs here, in $";
    expect(await cell(bill, "Vercel Pro")).toBe(row?.[3]);
    expect(await cell(bill, "Upstash pay as you go")).toBe(row?.[5]);
    expect(await cell(bill, "Upstash fixed")).toBe(row?.[6]?.replace(/ .*/, ""));
    expect(await page.getByRole("status").textContent()).toContain(`$${row?.[7]} a month`);
    const talkJs = documented("daily, 500 monthly", "TalkJS")?.[2];
    expect(await cell("What others charge, in $", "TalkJS")).toBe(talkJs);
  });

  it.each([
    ["100", "polls 25", "polls of 25 s", "0"],
    ["10000", "streams 240", "streams of 240 s, pages in the background", "100"],
  ])("computes the row of %s users by %s", async (users, way, name, hidden) => {
    await field("Daily users").fill(users);
    await page.getByRole("combobox", { name: "Clients read by" }).selectOption(way);
    await field("Of these in the background, %").fill(hidden);
    const row = documented("| on Hobby, $", Number(users).toLocaleString("en"), name);
    expect(await cell("What it costs here, in $", "Vercel Pro")).toBe(row?.[3]);
    expect(await page.getByRole("status").textContent()).toContain(`$${row?.[7]} a month`);
  });

  it("says which number cannot be used, and keeps the last result", async () => {
    const before = await page.getByRole("status").textContent();
    await field("Messages sent").fill("-1");
    await expect.poll(() => page.getByRole("alert").textContent()).toMatch(/^Messages sent: ./);
    expect(await page.getByRole("status").textContent()).toBe(before);
    await field("Messages sent").fill("200");
    await expect.poll(() => page.getByRole("alert").textContent()).toBe("");
    expect(await page.getByRole("status").textContent()).not.toBe(before);
  });

  it("is used by the keyboard alone", async () => {
    await field("Daily users").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.type("1");
    const names = ["monthly", "openHours", "opens", "messages"];
    const visited: unknown[] = [await page.evaluate("document.activeElement.name")];
    for (const _ of names.slice(1)) {
      await page.keyboard.press("Tab");
      visited.push(await page.evaluate("document.activeElement.name"));
    }
    expect(visited).toEqual(names);
  });

  it.each(["light", "dark"] as const)(
    "has nothing that axe finds wrong, %s, and needs no more than its policy allows",
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 360, height: 740 });
      expect(await violations(page)).toEqual([]);
      const overflows = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
      expect(overflows).toBe(false);
      const { headers } = await fetch(`${server.url}/cost`);
      expect(headers.get("content-security-policy")).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self';/,
      );
      expect(complaints).toEqual([]);
    },
  );
});
