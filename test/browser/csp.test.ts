import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { connectBrowser, found, named } from "./chromium.js";
import { type StrictPage, strictPage, WHOLE } from "./strict-page.js";

describe.skipIf(!found)(named("the content security policy in docs/widget.md"), () => {
  let strict: StrictPage;
  let browser: Browser;
  beforeAll(async () => {
    const store = inject("bridge");
    if (store === undefined) throw new Error("Cannot test without a store");
    [strict, browser] = await Promise.all([strictPage(store), connectBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await strict?.stop();
  });

  it("blocks nothing of the widget", async () => {
    expect(await strict.visit(await browser.newPage())).toEqual(WHOLE);
  });
});
