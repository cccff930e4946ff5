import type { createClient } from "redis";
import { callsByCommand } from "../../local/proof/bill.js";

type Client = ReturnType<typeof createClient>;

/** Commands by name. */
export type Spent = Record<string, number>;

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
  return callsByCommand(await redis.sendCommand<string>(["INFO", "commandstats"]));
}
