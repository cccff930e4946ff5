import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectBrowser, found, named } from "../browser/chromium.js";
import { blocksOf } from "../docs/markdown.js";

// The README's section on Next.js to the letter, from an empty folder; `nereid-chat` is the package of this work tree.

const project = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);
const STEPS_MAX = 10;
const PATIENCE_MS = 90_000;

const readme = await readFile(join(project, "README.md"), "utf8");
const [, section = ""] = /\n### Next\.js\n([\s\S]*?)\n### /.exec(readme) ?? [];
const blocks = blocksOf({ path: "README.md", text: section });
const commands = blocks.flatMap(({ language, code }) => (language === "sh" ? code.trim().split("\n") : []));
const files = [...section.matchAll(/^`([^`]+\.tsx?)`[^\n]*\n\n```tsx?\n([\s\S]*?)^```$/gm)].map(
  ([, path = "", code = ""]) => ({ path, code }),
);
const pages = [...section.matchAll(/`(http:\/\/localhost:3000\/[^`]*)`/g)].map(([, url = ""]) => new URL(url));

test("the README has at most ten commands and edits: those, the server, and the page in two browsers", () => {
  expect([commands.length, files.length, pages.length]).toEqual([4, 2, 2]);
  expect(commands.length + files.length + ["npm run dev", "open the page"].length).toBeLessThanOrEqual(STEPS_MAX);
});

describe.runIf(found)(named("a newcomer"), () => {
  let folder: string;
  let browser: Browser;
  let server: ChildProcess | undefined;
  const warned: string[] = [];
  beforeAll(async () => {
    [folder, browser] = await Promise.all([mkdtemp(join(tmpdir(), "chat-new-")), connectBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    if (server?.pid !== undefined) process.kill(-server.pid, "SIGTERM");
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  test("gets from an empty folder to a message between two browsers", async () => {
    const tarball = await pack();
    // In one shell, as they stand there.
    const script = commands.join("\n").replace("npm install nereid-chat", `npm install --no-audit ${tarball}`);
    await run("bash", ["-euc", script], { cwd: folder, env: environment(), maxBuffer: 10_000_000 });
    const shop = join(folder, "shop");
    for (const { path, code } of files) await writeFile(join(shop, path), code);
    const url = await start(shop);
    const [ann, ben] = [await open(url, pages[0]), await open(url, pages[1])];
    await ann.locator("nereid-chat").getByRole("textbox").last().waitFor();
    const field = ben.locator("nereid-chat").getByRole("textbox").last();
    await field.fill("Hello, Ann");
    await field.press("Enter");
    await ann.getByRole("log").getByText("Hello, Ann").first().waitFor();
    expect(warned).toEqual([]);
  }, 600_000);

  async function pack(): Promise<string> {
    await run(process.execPath, ["local/build/package.js"], { cwd: project });
    await run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], { cwd: project });
    return join(folder, (await readdir(folder)).find((it) => it.endsWith(".tgz")) ?? "");
  }

  /** Without settings of a chat, and without what tells Next.js that this is a test. npx asks nobody before it installs. */
  function environment(): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(
      ([name]) => !/^(CHAT|KV|UPSTASH)_|^NODE_ENV$|^VITEST|^CI$/.test(name),
    );
    return { ...Object.fromEntries(kept), NEXT_TELEMETRY_DISABLED: "1", npm_config_yes: "true" };
  }

  /** Runs `npm run dev`. Returns the URL that it prints. */
  async function start(shop: string): Promise<string> {
    server = spawn("npm", ["run", "dev", "--", "--port", "0"], { cwd: shop, env: environment(), detached: true });
    let said = "";
    for (const stream of [server.stdout, server.stderr]) stream?.on("data", (chunk) => (said += chunk));
    for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await delay(250)) {
      const [url] = /http:\/\/localhost:\d+/.exec(said) ?? [];
      if (url !== undefined) return url;
    }
    throw new Error(`Cannot start the application: ${said}`);
  }

  async function open(url: string, address: URL | undefined): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on("console", (it) => /warn|error/.test(it.type()) && warned.push(it.text()));
    await page.goto(`${url}${address?.pathname}${address?.search}`);
    return page;
  }
});
