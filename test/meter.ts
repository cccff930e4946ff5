import type { createClient } from "redis";

type Client = ReturnType<typeof createClient>;

/** Commands by name. */
export type Spent = Record<string, number>;

// What the bridge does to keep its own connections, and how it spells a transaction, is no command of ours.
const OWN: ReadonlySet<string> = new Set(["info", "ping", "multi", "exec"]);

/** Counts the commands that a deed costs as Upstash bills them: each one, and each one inside a script. The server counts. */
export async function spent(redis: Client, deed: () => Promise<unknown>): Promise<Spent> {
  const before = await counts(redis);
  await deed();
  const after = await counts(redis);
  const all = [...after].map(([name, n]): [string, number] => [name, n - (before.get(name) ?? 0)]);
  return Object.fromEntries(all.filter(([, n]) => n > 0));
}

/** Adds commands up. */
export function total(commands: Spent): number {
  return Object.values(commands).reduce((sum, n) => sum + n, 0);
}

async function counts(redis: Client): Promise<Map<string, number>> {
  const text = await redis.sendCommand<string>(["INFO", "commandstats"]);
  const lines = [...text.matchAll(/^cmdstat_([\w|-]+):calls=(\d+)/gm)];
  return new Map(lines.flatMap(([, name = "", n]) => (OWN.has(name) ? [] : [[name, Number(n)] as const])));
}
