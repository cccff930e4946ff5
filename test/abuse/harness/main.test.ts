import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

// The short form of `npm run abuse`. What it prints when it fails says which bound is broken, and by what.
it("honest users hear nothing of hostile guests, who cost little", async () => {
  const args = ["dist/test/abuse/harness/main.js", "--short", "--seed", "4"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e7 }).catch((error) => {
    throw new Error(`${error.stdout}\n${error.stderr}`);
  });
  expect(stdout.match(/\| holds \|/g)).toHaveLength(7);
  const asked = Number(/guests of 3 addresses asked (\d+) times/.exec(stdout)?.[1]);
  expect(asked).toBeGreaterThan(50);
}, 120_000);
