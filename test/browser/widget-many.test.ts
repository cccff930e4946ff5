import type { Browser, BrowserContext, Page } from "playwright-core";
import * as v from "valibot";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { asThread, type Outsider, outsider, somebody } from "../support/outsider.js";
import type { Site } from "../support/site.js";
import { found, named } from "./chromium.js";
import { host } from "./host.js";
import { openSite } from "./opened-site.js";

const ROOMS = 110;
const ENVELOPE = 20;
// Counts how often a time is formatted, and how often a format for that is created.
const COUNTING = `window.formats = window.formatted = 0;
  const descriptor = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, "format");
  Object.defineProperty(Intl.DateTimeFormat.prototype, "format", { ...descriptor, get() { window.formatted++; return descriptor.get.call(this); } });
  Intl.DateTimeFormat = new Proxy(Intl.DateTimeFormat, { construct(target, args) { window.formats++; return new target(...args); } });`;
const Counts = v.object({ formats: v.number(), formatted: v.number() });

describe.skipIf(!found)(named("the list of <nereid-chat> with many conversations"), () => {
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
    await context.addInitScript(COUNTING);
  });
  afterEach(() => context.close());

  const room = async (subject: string) =>
    asThread(await ann.call("POST", "threads", { kind: "room", members: [ben.entity], subject })).id;
  const counts = async (page: Page) =>
    v.parse(Counts, await page.evaluate("({ formats: window.formats, formatted: window.formatted })"));

  it("draws the conversation that an event concerns, not all of them, and makes no format anew", async () => {
    let thread = "";
    for (let i = 1; i <= ROOMS; i++) thread = await room(`Room ${i}.`);
    const page = await host(context, server, { token: (await server.token(ann.entity)).token });
    const list = page.getByRole("navigation");
    await list.getByText(`Room ${ROOMS}.`).waitFor();
    await list.evaluate((it) => it.scrollTo({ top: it.scrollHeight }));
    await list.getByText("Room 1.", { exact: true }).waitFor();
    // What is loaded after the list, such as who is present, is there.
    await page.waitForTimeout(1_500);
    const before = await counts(page);
    expect(before.formats).toBeLessThan(10);
    const texts = Array.from({ length: ENVELOPE }, (_, i) => `no ${i + 1}.`);
    for (const text of texts) await ben.say({ thread, text });
    await list.getByText(`no ${ENVELOPE}.`).waitFor();
    const { formatted } = await counts(page);
    expect(formatted - before.formatted).toBeGreaterThan(0);
    expect(formatted - before.formatted).toBeLessThan(ROOMS);
  });
});
