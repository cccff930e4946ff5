import * as v from "valibot";
import { granted, living } from "../auth/token.js";
import * as cold from "../log/cold-read.js";
import * as log from "../log/write.js";
import type { Caller } from "../people/caller.js";
import { introduce } from "../people/profiles.js";
import * as keys from "../store/keys.js";
import * as redis from "../store/redis.js";
import { Arrival, type Listener } from "./arrival.js";
import { storedPosition } from "./saved-cursor.js";

// Reads a chat token and, for whom it stands for, the clock, memberships and blocks, and where their last cursorless answer ended.
// KEYS: token, position, clock. ARGV: the keys of an entity's threads and blocks, "*" for the entity; "1" to read the position.
// Returns: {token, or nil} alone when it does not tell for whom it stands; else {token, {clock, threads, blocks}, position or nil}.
const ARRIVE = `
local stored = redis.call('GET', KEYS[1])
local who = stored and string.match(stored, '^%S+ {"who":"([^"]+)"')
if not who then return {stored} end
local function hash(key) return redis.call('HGETALL', (string.gsub(key, '%*', function() return who end))) end
local clock = redis.call('HMGET', KEYS[3], 'epoch', 'n', 'tag')
return {stored, {clock, hash(ARGV[1]), hash(ARGV[2])}, ARGV[3] == '1' and redis.call('GET', KEYS[2])}
`;

const Stored = v.nullable(v.string());
const Arrived = v.union([v.tuple([v.string(), cold.StandingReply, Stored]), v.strictTuple([Stored])]);

/** Finds whom a chat token, known by its SHA-256, stands for, and at once what the first answer to them needs. Throws `token_unknown`. */
export async function byToken(sha: string, hasCursor: boolean, now: number): Promise<Listener> {
  const before = log.horizon();
  const [stored, standing, position] = await redis.seek(
    ARRIVE,
    Arrived,
    [keys.token(sha), keys.position(sha), keys.clock],
    [keys.threads("*"), keys.blocks("*"), hasCursor ? "0" : "1"],
  );
  const grant = living(granted(sha, stored), now);
  // A token that another version has made may not tell whose it is: its bearer's standing is then read for itself.
  if (standing === undefined) return grant;
  return { ...grant, arrival: new Arrival(await cold.judge(before, standing), hasCursor ? undefined : position) };
}

/** Reads what the first answer to the bearer of a session needs, and lets others know how they are called. */
export async function bySession(caller: Caller, hasCursor: boolean, now: number): Promise<Listener> {
  const [standing, position] = await Promise.all([
    cold.standing(caller.actor.id),
    hasCursor ? undefined : storedPosition(caller),
    introduce(caller, now),
  ]);
  return { ...caller, arrival: new Arrival(standing, position) };
}
