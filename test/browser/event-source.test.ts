import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { outsider, somebody } from "../support/outsider.js";
import { type Site, site } from "../support/site.js";
import { connectBrowser, found, named } from "./chromium.js";

describe.skipIf(!found)(named("a browser's EventSource with live=1"), () => {
  let server: Site;
  let browser: Browser;
  beforeAll(async () => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    [server, browser] = await Promise.all([site(store, { CHAT_LIVE_SECONDS: "2" }), connectBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("hears every message once, as it comes, from stream to stream", async () => {
    const [ann, ben] = [await outsider(server, somebody("ann")), await outsider(server, somebody("ben"))];
    await ann.say({ to: [ben.entity], text: "before" });
    const page = await browser.newPage();
    // A page of the same origin, with no policy of its own.
    await page.route("**/blank", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html>" }));
    await page.goto(`${server.url}/blank`);
    await page.evaluate(`{
      window.heard = [];
      window.opened = 0;
      window.source = new EventSource("/nereid-chat/stream/${ben.token}?live=1");
      source.addEventListener("open", () => opened++);
      source.addEventListener("message", ({ data }) => {
        const { type, message } = JSON.parse(data);
        if (type === "message") heard.push(message.text);
      });
    }`);
    const heard = () => page.evaluate("heard");
    await expect.poll(heard).toEqual(["before"]);
    const said = Array.from({ length: 14 }, (_, i) => `no ${i}`);
    for (const text of said) {
      await ann.say({ to: [ben.entity], text });
      await sleep(400);
    }
    await expect.poll(heard, { timeout: 10_000 }).toEqual(["before", ...said]);
    expect(await page.evaluate("opened")).toBeGreaterThanOrEqual(3);
    await page.evaluate("source.close()");
    await page.close();
  });
});
