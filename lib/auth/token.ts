import { v4 as uuid } from "uuid";
import * as v from "valibot";
import { config } from "../config.js";
import { Fault } from "../fault.js";
import type { Revocation } from "../log/event.js";
import { tail } from "../log/tail.js";
import * as log from "../log/write.js";
import { tokenDevice } from "../presence/device.js";
import { hush } from "../presence/presence.js";
import { Actor } from "../schema/actor.js";
import * as keys from "../store/keys.js";
import * as redis from "../store/redis.js";
import type { Session } from "./session.js";

/** What a chat token stands for. */
export type Grant = { sha: string; actor: Actor; contacts?: string[]; expires: number; birth: log.Cursor };

// Keeps a token under its hash, and the actor it speaks for. No event: the clock is only read, or begun. Were it written anew,
// its tag would no longer be that of its newest event, and every tail would take the log for another.
// KEYS: clock, token, the entity's tokens, actor. ARGV: own: SHA-256, lifetime in s, grant as JSON, actor as JSON, lifetime of the actor in s or 0.
// Returns: {epoch, n}.
const CREATE = `
if begins then commit() end
redis.call('SET', KEYS[2], epoch .. '.' .. text(n) .. ' ' .. ARGV[7], 'EX', ARGV[6])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[2])
redis.call('ZADD', KEYS[3], ARGV[2] + ARGV[6] * 1000, ARGV[5])
redis.call('EXPIRE', KEYS[3], ARGV[6])
if ARGV[9] == '0' then redis.call('SET', KEYS[4], ARGV[8]) else redis.call('SET', KEYS[4], ARGV[8], 'EX', ARGV[9]) end
return {epoch, text(n)}
`;

/** Makes a chat token for the bearer of a session. Its life is CHAT_TOKEN_TTL seconds, kept by the store; only its hash is stored. */
export async function create(session: Session, now: number) {
  const token = uuid();
  const sha = keys.digest(token);
  const expires = now + config.tokenTtl * 1_000;
  const { actor, contacts } = session;
  const grant = JSON.stringify({ who: keys.encode(actor.id), actor, contacts, expires });
  const guestLife =
    session.actor.objectType === "guest" ? Math.max(config.tokenTtl, Math.ceil((session.expires - now) / 1_000)) : 0;
  const [epoch, n] = await log.write(
    CREATE,
    v.tuple([v.string(), log.Count]),
    now,
    [keys.token(sha), keys.tokens(session.actor.id), keys.actor(session.actor.id)],
    [sha, config.tokenTtl, grant, JSON.stringify(session.actor), guestLife],
  );
  return { token, expires: new Date(expires).toISOString(), cursor: log.format({ epoch, n }), actor: session.actor };
}

/** Finds what a chat token, known by its SHA-256, stands for: in this instance's memory while that is trusted, else on the primary. Throws `token_unknown`. */
export async function find(sha: string, now: number): Promise<Grant> {
  return recall(sha, now) ?? living(await load(sha), now);
}

/** Tells what a chat token stands for, as far as this instance is sure without asking. */
export function recall(sha: string, now: number): Grant | undefined {
  const known = tail.trusted ? grants.get(sha) : undefined;
  return known !== undefined && known.expires > now ? known : undefined;
}

/** Takes what a chat token stands for, if it does. Throws `token_unknown`. */
export function living(grant: Grant | undefined, now: number): Grant {
  if (grant === undefined || grant.expires <= now) throw new Fault("token_unknown");
  return grant;
}

/** Tells whether a chat token, known by its SHA-256, still stands for somebody. */
export async function alive(sha: string, now: number): Promise<boolean> {
  try {
    return (await find(sha, now)).expires > now;
  } catch (error) {
    if (error instanceof Fault && error.code === "token_unknown") return false;
    throw error;
  }
}

// Forgets one token, or all of an entity's, and tells every instance.
// KEYS: clock, the entity's tokens, then for each token its key and its position. ARGV: own: who (encoded), then each SHA-256.
// Returns: how many there were.
const REVOKE = `
local gone = {}
for i = 6, #ARGV do
  if redis.call('DEL', KEYS[2 * i - 9]) == 1 then gone[#gone + 1] = '"' .. ARGV[i] .. '"' end
  redis.call('DEL', KEYS[2 * i - 8])
  redis.call('ZREM', KEYS[2], ARGV[i])
end
if #gone > 0 then
  pass('revoke', ARGV[5], '-', '{"tokens":[' .. table.concat(gone, ',') .. ']}')
  commit()
end
return #gone
`;

/** Revokes a chat token; whoever has it may. Revoking one that is gone already changes nothing. */
export async function revoke(token: string, now: number): Promise<void> {
  const sha = keys.digest(token);
  const grant = await load(sha);
  if (grant !== undefined) await revokeThese(grant.actor.id, [sha], now);
}

/** Revokes every chat token of an entity. */
export async function revokeAll(entity: string, now: number): Promise<void> {
  const [shas] = await redis.read(v.tuple([v.array(v.string())]), (reading) =>
    reading.zrange(keys.tokens(entity), 0, -1),
  );
  if (shas.length > 0) await revokeThese(entity, shas, now);
}

async function revokeThese(entity: string, shas: string[], now: number): Promise<void> {
  const each = shas.flatMap((sha) => [keys.token(sha), keys.position(sha)]);
  await log.write(REVOKE, log.Count, now, [keys.tokens(entity), ...each], [keys.encode(entity), ...shas]);
  tail.revoke(new Set(shas));
  // A revocation does not fail by this: what such a device said ends with its token's life at the latest.
  await hush(entity, shas.map(tokenDevice), now).catch(() => undefined);
}

// A grant never changes, so it may be remembered for as long as revocations are sure to be heard of.
const grants = new Map<string, Grant>();
const GRANTS_MAX = 50_000;
let revocations = 0;

tail.onRevoked = (revocation: Revocation) => {
  revocations++;
  if (revocation === "all") grants.clear();
  else for (const sha of revocation) grants.delete(sha);
};

const Stored = v.object({ actor: Actor, contacts: v.exactOptional(v.array(v.string())), expires: v.number() });

// Reads a token. KEYS: token. Returns: the grant, or nil.
const LOAD = `return redis.call('GET', KEYS[1])`;

async function load(sha: string): Promise<Grant | undefined> {
  const before = revocations;
  const trusted = tail.trusted;
  const grant = granted(sha, await redis.run(LOAD, v.nullable(v.string()), [keys.token(sha)], []));
  // A revocation that came while this was under way may be newer than what was read.
  if (grant !== undefined && trusted && tail.trusted && before === revocations) remember(grant);
  return grant;
}

/** Reads what is kept of a chat token; undefined when that is nothing. */
export function granted(sha: string, stored: string | null): Grant | undefined {
  if (stored === null) return undefined;
  const space = stored.indexOf(" ");
  const birth = log.parseCursor(stored.slice(0, space));
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Stored), stored.slice(space + 1));
  if (birth === undefined || !parsed.success) throw new Fault("unavailable", { retryAfter: 5 });
  return { sha, birth, ...parsed.output };
}

function remember(grant: Grant): void {
  const now = Date.now();
  // All live equally long, so those that were remembered first end first.
  for (const [sha, { expires }] of grants) {
    if (expires > now) break;
    grants.delete(sha);
  }
  if (grants.size >= GRANTS_MAX)
    for (const oldest of [...grants.keys()].slice(0, GRANTS_MAX / 10)) grants.delete(oldest);
  grants.set(grant.sha, grant);
}
