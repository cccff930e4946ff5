#!/usr/bin/env node
import { createInterface } from "node:readline/promises";
import { run } from "./command.js";
import { readVersion } from "./package-version.js";

// The program behind `npx nereid-chat`.

process.exitCode = await run(process.argv.slice(2), {
  folder: process.cwd(),
  environment: process.env,
  fetch,
  now: Date.now,
  versions: { own: readVersion(), node: process.versions.node },
  write: (text) => void process.stdout.write(text),
  note: (text) => void process.stderr.write(text),
  confirm: process.stdin.isTTY ? confirm : undefined,
});

async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await lines.question(`${question} [y/N] `);
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}
