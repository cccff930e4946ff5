import { type Daemon, daemon } from "./daemon.js";

/** Starts HAProxy before a server; it ends what is silent for so many seconds. */
export function haproxy({ host, port: upstream }: { host: string; port: number }, seconds: number): Promise<Daemon> {
  return daemon(
    `haproxy -f "$2" -db -q`,
    (_, port) => `
defaults
  mode http
  timeout connect 5s
  timeout client ${seconds}s
  timeout server ${seconds}s
frontend chat
  bind 127.0.0.1:${port}
  default_backend chat
backend chat
  server chat ${host}:${upstream}
`,
  );
}
