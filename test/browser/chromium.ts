import { type Browser, chromium } from "playwright-core";
import { inject } from "vitest";
import { onPath } from "../../local/redis.js";
import { PROGRAMS } from "./launch.js";

/** Whether this machine has the browser. With CI it must. */
export const found = PROGRAMS.some(onPath);
if (!found && process.env.CI === "true") throw new Error("Cannot test: CI needs chromium on PATH");

/** The name of tests in the browser, with the reason when they are skipped. */
export const named = (name: string): string => (found ? name : `skipped, chromium is not on PATH: ${name}`);

/** Connects to the Chromium of this run. To close it ends the pages that were opened here, and nothing else. */
export async function connectBrowser(): Promise<Browser> {
  const endpoint = inject("chromium");
  if (endpoint === undefined) throw new Error("Cannot find chromium");
  return await chromium.connect(endpoint);
}
