import { findRedis } from "../redis.js";
import { type Command, link } from "./link.js";

/** A copy of the data that always lags, as a replica of a busy database may. */
export type Replica = {
  run(command: Command, binary: boolean): Promise<unknown>;
  /** Runs a command later that the primary has just run. */
  replay(command: Command): void;
  stop(): Promise<void>;
};

/**
 * Starts an empty Redis that repeats each command `lagMs` after the primary has run it. Failed commands are repeated as
 * well: a script may have run in part, and is cached from then on. The replica sees only commands that go through the
 * bridge, and commands that depend on randomness or on the time have other results there.
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

/** Returns whether a command only reads keys: a replica may run it. */
export function isRead(command: Command): boolean {
  return READS.has(command[0]?.toUpperCase() ?? "");
}

// The commands that Redis 7 flags `readonly`, except for scripts and commands without a key.
const READS = new Set(
  `BITCOUNT BITFIELD_RO BITPOS DUMP EXISTS EXPIRETIME GEODIST GEOHASH GEOPOS GEORADIUSBYMEMBER_RO GEORADIUS_RO
  GEOSEARCH GET GETBIT GETRANGE HEXISTS HGET HGETALL HKEYS HLEN HMGET HRANDFIELD HSCAN HSTRLEN HVALS KEYS LCS LINDEX
  LLEN LPOS LRANGE MGET PEXPIRETIME PFCOUNT PTTL SCAN SCARD SDIFF SINTER SINTERCARD SISMEMBER SMEMBERS SMISMEMBER
  SORT_RO SRANDMEMBER SSCAN STRLEN SUBSTR SUNION TOUCH TTL TYPE XLEN XPENDING XRANGE XREAD XREVRANGE ZCARD ZCOUNT
  ZDIFF ZINTER ZINTERCARD ZLEXCOUNT ZMSCORE ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANK ZREVRANGE
  ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE ZUNION DBSIZE RANDOMKEY`.split(/\s+/),
);
