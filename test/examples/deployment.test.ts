import { execFile } from "node:child_process";
import { cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

// The production builder on examples/nextjs with the package of this work tree, as an application that has the chat mounted is deployed.

const project = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);
let folder: string;
let said: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "chat-next-"));
  await cp(join(project, "examples/nextjs"), folder, { recursive: true });
  await run(process.execPath, ["local/build/package.js"], { cwd: project });
  await run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], { cwd: project });
  const tarball = (await readdir(folder)).find((it) => it.endsWith(".tgz"));
  await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", `./${tarball}`], { cwd: folder });
  await mkdir(join(folder, ".vercel"));
  await writeFile(join(folder, ".vercel/project.json"), JSON.stringify({ settings: { framework: "nextjs" } }));
  said = await build();
}, 400_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs the builder, without the network and without a variable of a store. Returns what it said; rejects when it fails. */
async function build(): Promise<string> {
  const offline = { VERCEL_TELEMETRY_DISABLED: "1", NO_UPDATE_NOTIFIER: "1", NEXT_TELEMETRY_DISABLED: "1" };
  const { stdout, stderr } = await run(
    join(project, "node_modules/.bin/vercel"),
    ["build", "--prod", "--global-config", join(folder, "settings")],
    {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, VERCEL_INSTALL_COMPLETED: "1", CI: "1", ...offline },
    },
  );
  return stdout + stderr;
}

test("an application with the chat builds, and has one function for it that may run for five minutes", async () => {
  expect(said).not.toMatch(/\berror\b/i);
  const functions = join(folder, ".vercel/output/functions");
  const all = await readdir(functions, { recursive: true });
  // The builder links a function to itself under a second name, for navigations of React.
  const isLink = async (it: string) => (await lstat(join(functions, it))).isSymbolicLink();
  const ofChat: string[] = [];
  for (const it of all) if (/^nereid-chat\/[^/]+\.func$/.test(it) && !(await isLink(it))) ofChat.push(it);
  expect(ofChat).toEqual(["nereid-chat/[[...path]].func"]);
  const config = JSON.parse(await readFile(join(functions, ofChat[0] ?? "", ".vc-config.json"), "utf8"));
  expect(config).toMatchObject({ maxDuration: 300, runtime: expect.stringMatching(/^nodejs/) });
});
