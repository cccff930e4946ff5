import type { Browser } from "playwright-core";
import { inject } from "vitest";
import { type Site, site } from "../support/site.js";
import { connectBrowser } from "./chromium.js";

/** A deployment of its own and the browser of this run: what a suite of tests in the browser stands on. `close` is what `beforeAll` returns. */
export type OpenedSite = { server: Site; browser: Browser; close: () => Promise<void> };

/** Starts a deployment with these variables and connects to the browser. */
export async function openSite(variables: Record<string, string | undefined> = {}): Promise<OpenedSite> {
  const store = inject("bridge");
  if (store === undefined) throw new Error("Cannot test without a store");
  const server = await site(store, variables);
  const browser = await connectBrowser();
  const close = async () => {
    await browser.close();
    await server.stop();
  };
  return { server, browser, close };
}
