import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";

// The short form of `npm run faults`. What it prints when it fails is the story, and the seed to hear it again.
it("nothing lost, nothing doubled, while everything is broken for ten seconds", async () => {
  const args = ["dist/test/faults/main.js", "--short", "--seconds", "10", "--seed", "4"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e7 }).catch((error) => {
    throw new Error(`${error.stdout}\n${error.stderr}`);
  });
  const counted = /(\d+) messages accepted.* (\d+) faults of (\d+) kinds; 0 violations/.exec(stdout);
  expect(counted?.slice(1).map(Number)).toEqual([
    expect.toSatisfy((it) => it > 50),
    expect.any(Number),
    expect.any(Number),
  ]);
  expect(stdout).toMatch(/^operation +stream (in order|died|left|held back) /m);
}, 180_000);

it("every webhook comes in the order of its thread under one id, and none after an erasure, while servers are killed", async () => {
  const args = ["dist/test/faults/main.js", "--hooks", "--messages", "600", "--servers", "2", "--seed", "2"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e7 }).catch((error) => {
    throw new Error(`${error.stdout}\n${error.stderr}`);
  });
  expect(stdout).toMatch(/^5\d\d messages accepted, \d+ kills; .* 0 violations$/m);
}, 300_000);
