import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Starts nginx on a free port of 127.0.0.1 before a server, with the proxy settings it has when nobody chose any. */
export async function nginx(upstream: string): Promise<{ url: string; stop(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), "chat-nginx-"));
  const port = await freePort();
  const file = join(dir, "nginx.conf");
  await writeFile(file, configuration(dir, port, upstream));
  const child = spawn("sh", ["-c", WATCH, "sh", dir, file], { stdio: ["pipe", "inherit", "inherit"] });
  const stop = async () => {
    const exited = once(child, "exit");
    child.stdin?.end();
    await exited;
  };
  if (await opens(port)) return { url: `http://127.0.0.1:${port}`, stop };
  await stop();
  throw new Error("Cannot start nginx");
}

// The shell's stdin ends when we do, however we end: then nginx does, too.
const WATCH = `nginx -p "$1" -c "$2" & server=$!; cat >/dev/null; kill $server; wait $server; rm -rf "$1"`;

function configuration(dir: string, port: number, upstream: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((it) => `${it}_temp_path ${dir}/${it};`);
  return `
daemon off;
${process.getuid?.() === 0 ? "user root;" : ""}
pid ${dir}/nginx.pid;
error_log stderr crit;
events {}
http {
  access_log off;
  ${temporary.join("\n  ")}
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass ${upstream}; }
  }
}
`;
}

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
