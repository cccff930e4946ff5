import type { Command } from "./link.js";

/** Returns the error for a command that the REST API does not offer; undefined if it does. */
export function refusal(command: Command): string | undefined {
  const name = command[0]?.toUpperCase() ?? "";
  if (name === "MEMORY" && command[1]?.toUpperCase() === "USAGE") return undefined;
  if (REFUSED.has(name) || (READS_STREAMS.has(name) && blocks(command))) {
    return `ERR Command is not available: '${name}'. See https://upstash.com/docs/redis/overall/rediscompatibility for details`;
  }
  return undefined;
}

// Commands that block, that concern one connection (all requests share one), or that administer the server.
const REFUSED = new Set(
  `BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN WAIT WAITAOF
  DISCARD EXEC MULTI UNWATCH WATCH MONITOR
  PSUBSCRIBE PUNSUBSCRIBE SSUBSCRIBE SUBSCRIBE SUNSUBSCRIBE UNSUBSCRIBE
  ASKING AUTH CLIENT HELLO QUIT READONLY READWRITE RESET SELECT
  ACL BGREWRITEAOF BGSAVE CLUSTER CONFIG DEBUG FAILOVER LASTSAVE LATENCY MEMORY MIGRATE MODULE MOVE PFDEBUG PFSELFTEST
  PSYNC REPLCONF REPLICAOF RESTORE-ASKING ROLE SAVE SHUTDOWN SLAVEOF SLOWLOG SWAPDB SYNC`.split(/\s+/),
);

const READS_STREAMS = new Set(["XREAD", "XREADGROUP"]);

function blocks(command: Command): boolean {
  const words = command.map((word) => word.toUpperCase());
  const streams = words.indexOf("STREAMS");
  const block = words.indexOf("BLOCK");
  return block > 0 && (streams < 0 || block < streams);
}
