import { readFile, writeFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { beforeAll, describe, expect, it } from "vitest";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { violations } from "./host.js";
import { openSite } from "./opened-site.js";

const PICTURE = "docs/proof.png";
const PICTURE_MAX = 200_000;

describe.skipIf(!found)(named("the page at /proof"), () => {
  let server: Site;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    const opened = await openSite({ UPSTASH_REDIS_REST_URL: undefined, UPSTASH_REDIS_REST_TOKEN: undefined });
    ({ server, browser } = opened);
    page = await browser.newPage({ viewport: { width: 1280, height: 960 } });
    return opened.close;
  });

  const counter = (name: string) =>
    page
      .locator("#counters div")
      .filter({ has: page.getByText(name, { exact: true }) })
      .locator("dd")
      .first();
  const kill = async (nth: number) => {
    await page.getByRole("button", { name: "Kill the server" }).click();
    await expect
      .poll(() => page.getByText(/killed pid \d+, back after [\d,]+ ms, 0 lost/).count(), { timeout: 10_000 })
      .toBe(nth);
  };

  it("kills the server by a button, and shows that nothing is lost", async () => {
    // Few are enough, and as quick.
    await page.route("**/proof/start", (route) => route.continue({ url: `${route.request().url()}?bots=20` }));
    await page.goto(`${server.url}/proof`);
    await page.getByText("Nothing runs yet.").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Let them talk" }).click();
    await kill(1);
    await page.getByText("20 of 20 online").waitFor();
    for (const name of ["lost", "twice", "breaks"]) expect(await counter(name).textContent()).toBe("0");
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await violations(page)).toEqual([]);
    }
    await page.setViewportSize({ width: 380, height: 760 });
    expect(await page.evaluate("document.documentElement.scrollWidth > innerWidth")).toBe(false);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Stopped.").waitFor();
  });

  it.runIf(process.env.UPDATE === "1")(
    "is pictured anew for the README",
    async () => {
      await page.unroute("**/proof/start");
      await page.emulateMedia({ colorScheme: "light" });
      await page.setViewportSize({ width: 1280, height: 960 });
      await page.getByRole("button", { name: "Let them talk" }).click();
      for (const [i, calm] of [25_000, 22_000, 24_000, 16_000].entries()) {
        await page.locator("#kill:enabled").waitFor();
        await page.waitForTimeout(calm);
        await kill(i + 1);
      }
      await page.waitForTimeout(20_000);
      // The gradient would take as much as all the rest.
      await page.addStyleTag({ content: "body { background-image: none }" });
      await writeFile(PICTURE, await page.screenshot());
    },
    180_000,
  );

  it("is in the README as a picture that loads quickly", async () => {
    expect((await readFile(PICTURE)).byteLength).toBeLessThan(PICTURE_MAX);
  });
});
