import { type Daemon, daemon } from "./daemon.js";

// Squid refuses to run as root: it becomes nobody, who may then read its folder.
const NOBODY = "65534";
const AS_NOBODY = `chown ${NOBODY} "$1" "$2"; exec setpriv --reuid=${NOBODY} --regid=${NOBODY} --clear-groups`;

/** Starts Squid before a server, as a web accelerator that caches nothing. */
export function squid({ host, port: upstream }: { host: string; port: number }): Promise<Daemon> {
  // Instances of one name share their memory, and the second does not start.
  const run = `squid -N -n "chat$$" -f "$2"`;
  return daemon(
    process.getuid?.() === 0 ? `{ ${AS_NOBODY} ${run}; }` : run,
    (_, port) => `
http_port 127.0.0.1:${port} accel defaultsite=127.0.0.1
cache_peer ${host} parent ${upstream} 0 no-query no-digest originserver
http_access allow all
cache deny all
pid_filename none
access_log none
cache_store_log none
cache_log /dev/null
netdb_filename none
coredump_dir none
shutdown_lifetime 0 seconds
visible_hostname chat
`,
  );
}
