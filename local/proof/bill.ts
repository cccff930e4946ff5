import * as v from "valibot";

/** Where commands go: the REST API of a store. */
export type RestStore = { url: string; token: string };

// Of Upstash's pay-as-you-go plan on 2026-11-09, for commands alone: check the current price at https://upstash.com/pricing/redis.
const DOLLARS = 0.2 / 100_000;

/** The price of so many commands, in dollars. */
export function priceOf(commands: number): number {
  return commands * DOLLARS;
}

/** Counts the commands that Upstash would have billed since Redis started; the embedded one does not count, and says 0. */
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

// What the bridge does to keep its own connections, and how it spells a transaction, is no command of ours.
const OWN: ReadonlySet<string> = new Set(["info", "ping", "multi", "exec"]);

/** Reads `INFO commandstats`: how often each command was called, from outside and inside scripts, as Upstash bills them. */
export function callsByCommand(info: string): Map<string, number> {
  const lines = [...info.matchAll(/^cmdstat_([\w|-]+):calls=(\d+)/gm)];
  return new Map(lines.flatMap(([, name = "", n]) => (OWN.has(name) ? [] : [[name, Number(n)] as const])));
}
