#!/usr/bin/env node
import { createInterface } from "node:readline/promises";
import { isTooOld, OLDEST_NODE } from "./node-version.js";
import { readVersion } from "./package-version.js";

// The program behind `npx nereid-chat`.

const { node } = process.versions;
if (isTooOld(node)) {
  process.stderr.write(`nereid-chat needs Node ${OLDEST_NODE} or later, and this is Node ${node}\n`);
  process.exitCode = 2;
} else {
  // Loaded now: an older Node refuses what its modules import, and says nothing of versions.
  const { run } = await import("./command.js");
  process.exitCode = await run(process.argv.slice(2), {
    folder: process.cwd(),
    environment: process.env,
    fetch,
    now: Date.now,
    versions: { own: readVersion(), node },
    write: (text) => void process.stdout.write(text),
    note: (text) => void process.stderr.write(text),
    confirm: process.stdin.isTTY ? confirm : undefined,
  });
}

async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await lines.question(`${question} [y/N] `);
  lines.close();
  return /^y(es)?$/i.test(answer.trim());
}
