import * as v from "valibot";

/** The REST API of a store. */
export type RestStore = { url: string; token: string };

// Price of one command in Upstash's pay-as-you-go plan on 2026-11-09. Current prices: https://upstash.com/pricing/redis
const DOLLARS = 0.2 / 100_000;

/** Returns the price of so many commands, in dollars. */
export function priceOf(commands: number): number {
  return commands * DOLLARS;
}

/** Returns the number of commands that Upstash would have billed since Redis started; 0 for the embedded Redis, which does not count. */
export async function countCommands({ url, token }: RestStore): Promise<number> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(["INFO", "commandstats"]),
    signal: AbortSignal.timeout(2_000),
  });
  const calls = callsByCommand(v.parse(Reply, await response.json()).result);
  return [...calls.values()].reduce((sum, n) => sum + n, 0);
}

const Reply = v.object({ result: v.string() });

// Not billed: commands with which the bridge keeps its connections alive and frames transactions.
const OWN: ReadonlySet<string> = new Set(["info", "ping", "multi", "exec"]);

/** Parses `INFO commandstats`: returns the number of calls by command, inside scripts as well, as Upstash bills them. */
export function callsByCommand(info: string): Map<string, number> {
  const lines = [...info.matchAll(/^cmdstat_([\w|-]+):calls=(\d+)/gm)];
  return new Map(lines.flatMap(([, name = "", n]) => (OWN.has(name) ? [] : [[name, Number(n)] as const])));
}
