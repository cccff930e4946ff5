import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A program that runs in a process of its own. */
export type Program = {
  /** What it said when it was ready. */
  ready: string;
  /** Its last words on stderr. */
  last(): string;
  /** Whether it ended, though nobody ended it. */
  crashed(): boolean;
  freeze(on: boolean): void;
  kill(): Promise<void>;
};

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

/** Starts a program; fulfilled with what the group of `ready` finds in what it says. Rejects when it ends before. */
export async function start(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
  ready: RegExp,
): Promise<Program> {
  const child = spawn(command, args, { env: { PATH: process.env.PATH, ...env }, stdio: ["pipe", "pipe", "pipe"] });
  running.add(child.once("close", () => running.delete(child)));
  let wanted = false;
  let last = "";
  child.stderr.on("data", (chunk) => {
    last = `${last}${chunk}`.slice(-2_000);
  });
  const said = await new Promise<string | undefined>((resolve, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const found = ready.exec(line)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once("close", () => resolve(undefined)).once("error", reject);
  });
  if (said === undefined) throw new Error(`Cannot start ${command} ${args.join(" ")}: ${last}`);
  return {
    ready: said,
    last: () => last,
    crashed: () => !wanted && (child.exitCode !== null || child.signalCode !== null),
    freeze: (on) => void child.kill(on ? "SIGSTOP" : "SIGCONT"),
    async kill() {
      wanted = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "close");
    },
  };
}
