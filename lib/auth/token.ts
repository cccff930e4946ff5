import { v4 as uuid } from "uuid";
import * as v from "valibot";
import { Fault } from "../fault.js";
import { formatCursor, parseCursor } from "../log/cursor.js";
import type { Instance } from "../log/instance.js";
import { write, writeScript } from "../log/write.js";
import { tokenDevice } from "../presence/device.js";
import { forgetDevices } from "../presence/presence.js";
import { Actor } from "../schema/actor.js";
import { digest, encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import type { BanCache } from "./ban-cache.js";
import { banMembers, IS_BANNED } from "./ban-member.js";
import type { Grant, GrantCache } from "./grant-cache.js";
import { MARK_MS, type SecretMark } from "./secret-mark.js";
import type { Session } from "./session.js";

/** The context of the functions on chat tokens. */
export type TokenContext = Instance & {
  readonly grants: GrantCache;
  readonly bans: BanCache;
  readonly secretMark: SecretMark;
};

// Stores a token under its hash, and the description of its user. There is no event, so the clock is only read, or created if it does not
// exist: with a new tag it would no longer match its newest event, and every tail would conclude that the log was replaced.
// KEYS: clock, token, the user's tokens, actor, bans, marks. ARGV: own: SHA-256, lifetime in s, grant as JSON, actor as JSON, lifetime of the
// actor in s or 0, the user's members in bans (two), the mark of the deployment's secret or "". Returns: {epoch, n}, or {} for a banned user.
const CREATE = writeScript(`
${IS_BANNED}
local token, tokens, actor, bans, marks = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local sha, ttl, grant, description, actorTtl, mark = ARGV[5], tonumber(ARGV[6]), ARGV[7], ARGV[8], ARGV[9], ARGV[13]
if isBanned(bans, 10) then return {} end
if begins then commit() end
redis.call('SET', token, epoch .. '.' .. text(n) .. ' ' .. grant, 'EX', ttl)
redis.call('ZREMRANGEBYSCORE', tokens, '-inf', now)
redis.call('ZADD', tokens, now + ttl * 1000, sha)
redis.call('EXPIRE', tokens, ttl)
if actorTtl == '0' then redis.call('SET', actor, description) else redis.call('SET', actor, description, 'EX', actorTtl) end
if mark ~= '' then
  redis.call('ZREMRANGEBYSCORE', marks, '-inf', now - ${MARK_MS})
  redis.call('ZADD', marks, now, mark)
  redis.call('PEXPIRE', marks, ${MARK_MS})
end
return {epoch, text(n)}
`);

/**
 * Creates a chat token for the bearer of a session. It expires in the store after CHAT_TOKEN_TTL seconds; only its hash is stored. Throws `banned`.
 */
export async function create(chat: TokenContext, session: Session, now: number) {
  const token = uuid();
  const sha = digest(token);
  const expires = now + chat.config.tokenTtl * 1_000;
  const { actor, contacts } = session;
  const grant = JSON.stringify({ who: encode(actor.id), actor, contacts, expires });
  const guestLife =
    session.actor.objectType === "guest"
      ? Math.max(chat.config.tokenTtl, Math.ceil((session.expires - now) / 1_000))
      : 0;
  const { keys, secretMark } = chat;
  const mark = secretMark.due(now);
  const [epoch, n] = await write(
    chat,
    CREATE,
    v.union([v.tuple([v.string(), Count]), v.strictTuple([])]),
    now,
    [keys.token(sha), keys.tokens(actor.id), keys.actor(actor.id), keys.bans, keys.marks],
    [sha, chat.config.tokenTtl, grant, JSON.stringify(actor), guestLife, ...banMembers(actor.id), mark],
  );
  if (epoch === undefined || n === undefined) throw new Fault("banned");
  if (mark !== "") secretMark.noted(now);
  return { token, expires: new Date(expires).toISOString(), cursor: formatCursor({ epoch, n }), actor: session.actor };
}

/** Finds the grant of a chat token by its SHA-256: in the cache while the tail is trusted, else on the primary. Throws `token_unknown`, `banned`. */
export async function find(chat: TokenContext, sha: string, now: number): Promise<Grant> {
  return findCached(chat, sha, now) ?? requireValid(await load(chat, sha), now);
}

/** Finds the grant of a chat token in the cache; undefined if it is not cached, has expired, or may have been revoked without notice. */
export function findCached(chat: TokenContext, sha: string, now: number): Grant | undefined {
  const known = chat.tail.trusted ? chat.grants.get(sha) : undefined;
  return known !== undefined && known.expires > now ? known : undefined;
}

/** Returns a grant that exists and has not expired. Throws `token_unknown`. */
export function requireValid(grant: Grant | undefined, now: number): Grant {
  if (grant === undefined || grant.expires <= now) throw new Fault("token_unknown");
  return grant;
}

/** Returns whether a chat token, given by its SHA-256, is still valid. */
export async function isValid(chat: TokenContext, sha: string, now: number): Promise<boolean> {
  try {
    return (await find(chat, sha, now)).expires > now;
  } catch (error) {
    if (error instanceof Fault && (error.code === "token_unknown" || error.code === "banned")) return false;
    throw error;
  }
}

// Deletes tokens of one user, and notifies every instance.
// KEYS: clock, the user's tokens, then the key and the position of each token. ARGV: own: who (encoded), then each SHA-256.
// Returns: how many tokens existed.
const REVOKE = writeScript(`
local tokens, who = KEYS[2], ARGV[5]
local gone = {}
for i = 6, #ARGV do
  local sha, token, position = ARGV[i], KEYS[2 * i - 9], KEYS[2 * i - 8]
  if redis.call('DEL', token) == 1 then gone[#gone + 1] = '"' .. sha .. '"' end
  redis.call('DEL', position)
  redis.call('ZREM', tokens, sha)
end
if #gone > 0 then
  pass('revoke', who, '-', '{"tokens":[' .. table.concat(gone, ',') .. ']}')
  commit()
end
return #gone
`);

/** Revokes a chat token; its possession is enough. Revoking a token that no longer exists changes nothing. */
export async function revoke(chat: TokenContext, token: string, now: number): Promise<void> {
  const sha = digest(token);
  const grant = parseStored(await readStored(chat, sha));
  if (grant !== undefined) await revokeThese(chat, grant.actor.id, [sha], now);
}

/** Revokes every chat token of a user. */
export async function revokeAll(chat: TokenContext, entity: string, now: number): Promise<void> {
  const [shas] = await chat.store.transact(v.tuple([v.array(v.string())]), (batch) =>
    batch.zrange(chat.keys.tokens(entity), 0, -1),
  );
  if (shas.length > 0) await revokeThese(chat, entity, shas, now);
}

async function revokeThese(chat: TokenContext, entity: string, shas: string[], now: number): Promise<void> {
  const each = shas.flatMap((sha) => [chat.keys.token(sha), chat.keys.position(sha)]);
  await write(chat, REVOKE, Count, now, [chat.keys.tokens(entity), ...each], [encode(entity), ...shas]);
  chat.tail.revoke(new Set(shas));
  // A revocation does not fail because of this: the presence of a device ends at the latest when its token would have expired.
  await forgetDevices(chat, entity, shas.map(tokenDevice), now).catch(() => undefined);
}

const Stored = v.object({
  actor: Actor,
  contacts: v.exactOptional(v.array(v.string())),
  expires: v.number(),
  banned: v.optional(v.boolean(), false),
});

// Reads a token. KEYS: token. Returns: the grant, or nil.
const LOAD = `return redis.call('GET', KEYS[1])`;

async function load(chat: TokenContext, sha: string): Promise<Grant | undefined> {
  const before = chat.grants.revocations;
  const trusted = chat.tail.trusted;
  const grant = parseGrant(sha, await readStored(chat, sha));
  // A revocation that arrived during this read may be newer than its result.
  if (grant !== undefined && trusted && chat.tail.trusted && before === chat.grants.revocations)
    chat.grants.remember(grant, Date.now());
  return grant;
}

function readStored(chat: TokenContext, sha: string): Promise<string | null> {
  return chat.store.runScript(LOAD, v.nullable(v.string()), [chat.keys.token(sha)], []);
}

/** Parses a stored chat token; undefined if there is none. Throws `banned`, and `unavailable` if it cannot be parsed. */
export function parseGrant(sha: string, stored: string | null): Grant | undefined {
  const { banned, ...grant } = parseStored(stored) ?? {};
  if (banned) throw new Fault("banned");
  return "birth" in grant ? { sha, ...grant } : undefined;
}

/** Parses a stored chat token, which may be a banned user's. */
function parseStored(stored: string | null) {
  if (stored === null) return undefined;
  const space = stored.indexOf(" ");
  const birth = parseCursor(stored.slice(0, space));
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Stored), stored.slice(space + 1));
  if (birth === undefined || !parsed.success) throw new Fault("unavailable", { retryAfter: 5 });
  return { birth, ...parsed.output };
}
