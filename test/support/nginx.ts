import { type Daemon, daemon } from "./daemon.js";

/** Starts nginx before a server, with the proxy settings it has when nobody chose any, or others. */
export function nginx(upstream: string, settings = ""): Promise<Daemon> {
  return daemon(`nginx -p "$1" -c "$2"`, (dir, port) => configuration(dir, port, upstream, settings));
}

function configuration(dir: string, port: number, upstream: string, settings: string): string {
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
    location / { proxy_pass ${upstream}; ${settings} }
  }
}
`;
}
