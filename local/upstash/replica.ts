import { findRedis } from "../redis.js";
import { type Command, link } from "./link.js";

/** A copy of the data that is always some time behind, as a replica of a busy database may be. */
export type Replica = {
  run(command: Command, binary: boolean): Promise<unknown>;
  /** Does later what the primary has just done. */
  replay(command: Command): void;
  stop(): Promise<void>;
};

/**
 * Starts an empty Redis of its own that repeats every command `lagMs` after the primary answered it. Commands that
 * failed are repeated, too: half a script may have run, and the script is known from then on. It sees only what goes
 * through the bridge, and what depends on chance or on the time of day comes out differently.
 */
export async function replica(lagMs: number): Promise<Replica> {
  const redis = await findRedis(undefined);
  const copy = await link(redis.url);
  const due = new Set<NodeJS.Timeout>();
  return {
    run: (command, binary) => copy.run(command, binary),
    replay(command) {
      const timer = setTimeout(() => {
        due.delete(timer);
        copy.run(command, false).catch(() => {});
      }, lagMs);
      due.add(timer);
    },
    async stop() {
      for (const timer of due) clearTimeout(timer);
      copy.close();
      await redis.stop();
    },
  };
}

/** Tells whether a command only reads, and reads keys: those are what a replica answers. */
export function isRead(command: Command): boolean {
  return READS.has(command[0]?.toUpperCase() ?? "");
}

// What Redis 7 flags `readonly`, but for scripts and for commands that name no key.
const READS = new Set(
  `BITCOUNT BITFIELD_RO BITPOS DUMP EXISTS EXPIRETIME GEODIST GEOHASH GEOPOS GEORADIUSBYMEMBER_RO GEORADIUS_RO
  GEOSEARCH GET GETBIT GETRANGE HEXISTS HGET HGETALL HKEYS HLEN HMGET HRANDFIELD HSCAN HSTRLEN HVALS KEYS LCS LINDEX
  LLEN LPOS LRANGE MGET PEXPIRETIME PFCOUNT PTTL SCAN SCARD SDIFF SINTER SINTERCARD SISMEMBER SMEMBERS SMISMEMBER
  SORT_RO SRANDMEMBER SSCAN STRLEN SUBSTR SUNION TOUCH TTL TYPE XLEN XPENDING XRANGE XREAD XREVRANGE ZCARD ZCOUNT
  ZDIFF ZINTER ZINTERCARD ZLEXCOUNT ZMSCORE ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREVRANGE
  ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNION DBSIZE RANDOMKEY`.split(/\s+/),
);
