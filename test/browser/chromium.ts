import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { onPath } from "../../local/redis.js";

/** Whether this machine has the browser. With CI it must. */
export const found = onPath("chromium");
if (!found && process.env.CI === "true") throw new Error("Cannot test: CI needs chromium on PATH");

/** The name of tests in the browser, with the reason when they are skipped. */
export const named = (name: string): string => (found ? name : `skipped, chromium is not on PATH: ${name}`);

/** A host that is this machine, but that no browser takes for it: its pages are no secure context. */
export const PLAIN_HOST = "chat.example";

/** Starts the machine's Chromium, with an empty profile, and with no way to anywhere but this machine. */
export async function launch(): Promise<Browser> {
  const programs = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "chromium"));
  const executablePath = programs.find((path) => existsSync(path));
  if (executablePath === undefined) throw new Error("Cannot find chromium");
  return await chromium.launch({ executablePath, args: ARGUMENTS });
}

const ARGUMENTS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-proxy-server"],
  ...["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost`,
];
