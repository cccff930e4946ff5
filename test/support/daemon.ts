import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

export type Daemon = { url: string; stop(): Promise<void> };

/**
 * Starts a proxy on a free port of 127.0.0.1. `command` is run by a shell with `$1`, a folder of its own, and `$2`, the file with the
 * `configuration`.
 */
export async function daemon(command: string, configuration: (dir: string, port: number) => string): Promise<Daemon> {
  const dir = await mkdtemp(join(tmpdir(), "chat-proxy-"));
  const port = await freePort();
  const file = join(dir, "proxy.conf");
  await writeFile(file, configuration(dir, port));
  const child = spawn("sh", ["-c", `${command} & ${WATCH}`, "sh", dir, file], { stdio: ["pipe", "ignore", "inherit"] });
  const stop = async () => {
    const exited = once(child, "exit");
    child.stdin?.end();
    await exited;
  };
  if (await opens(port)) return { url: `http://127.0.0.1:${port}`, stop };
  await stop();
  throw new Error(`Cannot start ${command}`);
}

// The shell's stdin ends when we do, however we end: then the proxy does, too.
const WATCH = `server=$!; cat >/dev/null; kill $server; wait $server; rm -rf "$1"`;

/** Waits until somebody listens on a port, 5 s at most. */
async function opens(port: number): Promise<boolean> {
  for (let left = 100; left > 0; left--) {
    const socket = connect({ host: "127.0.0.1", port });
    const open = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return true;
    await delay(50);
  }
  return false;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address !== "object") throw new Error("Cannot find a port");
  return address.port;
}
