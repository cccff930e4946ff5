import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the Chromium of this run listens; absent without one on PATH. */
    chromium: string | undefined;
  }
}

/** What can be started as the browser, the best first: without windows that nobody sees, a page takes a third of the time. */
export const PROGRAMS = ["chromium-headless-shell", "chromium"] as const;

/** A host that is this machine, but that no browser takes for it: its pages are no secure context. */
export const PLAIN_HOST = "chat.example";

/** What the browser is started with. */
export const ARGUMENTS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-proxy-server"],
  ...["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost`,
];

/** Starts the machine's Chromium, one for all test files of a project, with an empty profile and no way to anywhere but this machine. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = PROGRAMS.flatMap((program) => folders.map((folder) => join(folder, program)));
  const executablePath = paths.find((path) => existsSync(path));
  if (executablePath === undefined) return;
  const server = await chromium.launchServer({ executablePath, args: ARGUMENTS });
  project.provide("chromium", server.wsEndpoint());
  return () => server.close();
}
