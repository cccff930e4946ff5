import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readVersion } from "../../lib/cli/package-version.js";

// The program behind `npx nereid-chat`, as `npm run build` compiles it.

const PROGRAM = "dist/lib/cli/main.js";

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [PROGRAM, ...args], { env: { PATH: process.env.PATH } }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }) => ({ code, stdout }),
  );

test("the program finds its version, and ends with the code of the command", async () => {
  expect(readFileSync(PROGRAM, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
  expect(await run("--version")).toEqual({ code: 0, stdout: `${readVersion()}\n` });
  const examined = await run("doctor");
  expect(examined.code).toBe(1);
  expect(examined.stdout).toContain("Cannot reach Redis");
  expect((await run("nonsense")).code).toBe(2);
});
