import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onPath } from "../../local/redis.js";
import { connectBrowser, found, named } from "../browser/chromium.js";

// Each example as its README command starts it, with the package of this work tree from a tarball; two people log in and write.

const project = fileURLToPath(new URL("../../", import.meta.url));
// The first page of a development server waits for its compiler.
const PATIENCE_MS = 60_000;
const START_MS = 240_000;

/** An example: the page of the one who writes, and what they do there. `pathFrom` finds that page in the one of the other. */
type Example = { name: string; path: string; pathFrom?(page: Page): Promise<string>; write(page: Page): Promise<void> };

const EXAMPLES: Example[] = [
  {
    name: "nextjs",
    path: "/hook",
    async write(page) {
      await page.fill("[name=to]", "ann");
      await page.fill("[name=text]", "Hello, Ann");
      await page.getByRole("button", { name: "Send" }).click();
    },
  },
  {
    name: "express",
    path: "/?to=ann",
    async write(page) {
      await page.locator("nereid-chat").getByRole("textbox").last().fill("Hello, Ann");
      await page.keyboard.press("Enter");
    },
  },
  {
    name: "sveltekit",
    path: "/?to=ann",
    async write(page) {
      await page.locator("nereid-chat").getByRole("textbox").last().fill("Hello, Ann");
      await page.keyboard.press("Enter");
    },
  },
  {
    name: "static",
    path: "/",
    async pathFrom(page) {
      const link = page.locator("#invite output");
      await link.waitFor();
      return `/${new URL((await link.textContent()) ?? "").hash}`;
    },
    async write(page) {
      await page.locator("nereid-chat").getByRole("button", { name: "Join" }).click();
      await page.locator("nereid-chat").locator("textarea").fill("Hello, Ann");
      await page.keyboard.press("Enter");
    },
  },
  {
    name: "python",
    path: "/plain",
    async write(page) {
      await page.fill("[name=to]", "ann");
      await page.fill("[name=text]", "Hello, Ann");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByRole("listitem").filter({ hasText: "Ben: Hello, Ann" }).waitFor();
    },
  },
];

// Python is the only program beside Node that an example needs; where it is missing, that example is left out.
const runnable = EXAMPLES.filter(({ name }) => name !== "python" || onPath("python3"));

// Below the ports that systems give to whoever asks for any: an example listens only when it is installed, and until then nobody may get its port.
const PORTS = { from: 10_000, to: 30_000 };

async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await new Promise((resolve) => {
      server.once("listening", () => resolve(true)).once("error", () => resolve(false));
    });
    server.close();
    if (isFree) return port;
  }
}

/** Starts an example and returns its URL when it answers. Rejects when it ends, with what it said. */
async function start(name: string, children: ChildProcess[]): Promise<string> {
  const port = await freePort();
  const env: NodeJS.ProcessEnv = { ...process.env, PORT: `${port}`, NEXT_TELEMETRY_DISABLED: "1" };
  for (const variable of Object.keys(env))
    if (/^(CHAT|KV|UPSTASH)_|^NODE_ENV$|^VITEST/.test(variable)) delete env[variable];
  const child = spawn(process.execPath, ["local/example.js", name], { cwd: project, env });
  children.push(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  const url = `http://localhost:${port}`;
  for (const until = Date.now() + START_MS; Date.now() < until; await delay(250)) {
    if (child.exitCode !== null) break;
    const response = await fetch(url).catch(() => undefined);
    if (response?.ok) return url;
  }
  throw new Error(`Cannot start ${name}: ${said}`);
}

describe.runIf(found)(named("the example"), () => {
  const children: ChildProcess[] = [];
  let browser: Browser;
  beforeAll(async () => {
    browser = await connectBrowser();
  });
  afterAll(async () => {
    await browser.close();
    for (const child of children) child.kill("SIGTERM");
  });

  async function logIn(name: string, url: string): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(url);
    await page.getByLabel("Your name").fill(name);
    await page.getByRole("button", { name: "Log in" }).click();
    return page;
  }

  test.each(runnable)(
    "$name lets two people log in, and a message cross",
    async ({ name, path, pathFrom, write }) => {
      const url = await start(name, children);
      const ann = await logIn("Ann", url);
      await ann.locator("nereid-chat").waitFor();
      const ben = await logIn("Ben", `${url}${(await pathFrom?.(ann)) ?? path}`);
      await write(ben);
      await ann.getByText("Hello, Ann").first().waitFor();
      expect(await ann.getByText("Ben").count()).toBeGreaterThan(0);
    },
    START_MS + 4 * PATIENCE_MS,
  );
});
