import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Starts a compiled program of this project, such as `local/start.js`, with these variables and no others. */
export function start(program: string, env: Record<string, string>, flags: readonly string[] = []): ChildProcess {
  const path = fileURLToPath(new URL(`../../${program}`, import.meta.url));
  return spawn(process.execPath, [...flags, path], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
}

/** Waits for a line that a program writes, and returns what the pattern finds in it. */
export async function saidBy(child: ChildProcess, pattern: RegExp): Promise<string> {
  if (child.stdout === null) throw new Error("Cannot read what a program says");
  for await (const line of createInterface({ input: child.stdout })) {
    const found = pattern.exec(line)?.[1];
    if (found === undefined) continue;
    child.stdout.resume();
    return found;
  }
  throw new Error("Cannot start a program: it ended");
}

/** Ends a program, and waits for its end. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

/** The id of a process that runs. */
export function idOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error("Cannot measure a program that did not start");
  return child.pid;
}
