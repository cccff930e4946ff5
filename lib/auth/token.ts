import { v4 as uuid } from "uuid";
import * as v from "valibot";
import { Fault } from "../fault.js";
import { type Cursor, formatCursor, parseCursor } from "../log/cursor.js";
import type { Revocation } from "../log/event.js";
import type { Instance } from "../log/instance.js";
import { write, writeScript } from "../log/write.js";
import { tokenDevice } from "../presence/device.js";
import { hush } from "../presence/presence.js";
import { Actor } from "../schema/actor.js";
import { digest, encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import type { Session } from "./session.js";

/** What a chat token stands for. */
export type Grant = { sha: string; actor: Actor; contacts?: string[]; expires: number; birth: Cursor };

/** What the functions on chat tokens need. */
export type TokenContext = Instance & { readonly grants: GrantCache };

// Stores a token under its hash, and the actor that it stands for. No event: the clock is only read, or begun. Were it written anew,
// its tag would no longer be that of its newest event, and every tail would take the log for another.
// KEYS: clock, token, the entity's tokens, actor. ARGV: own: SHA-256, lifetime in s, grant as JSON, actor as JSON, lifetime of the actor in s or 0.
// Returns: {epoch, n}.
const CREATE = writeScript(`
local token, tokens, actor = KEYS[2], KEYS[3], KEYS[4]
local sha, ttl, grant, description, actorTtl = ARGV[5], tonumber(ARGV[6]), ARGV[7], ARGV[8], ARGV[9]
if begins then commit() end
redis.call('SET', token, epoch .. '.' .. text(n) .. ' ' .. grant, 'EX', ttl)
redis.call('ZREMRANGEBYSCORE', tokens, '-inf', now)
redis.call('ZADD', tokens, now + ttl * 1000, sha)
redis.call('EXPIRE', tokens, ttl)
if actorTtl == '0' then redis.call('SET', actor, description) else redis.call('SET', actor, description, 'EX', actorTtl) end
return {epoch, text(n)}
`);

/** Makes a chat token for the bearer of a session. Its life is CHAT_TOKEN_TTL seconds, kept by the store; only its hash is stored. */
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
  const [epoch, n] = await write(
    chat,
    CREATE,
    v.tuple([v.string(), Count]),
    now,
    [chat.keys.token(sha), chat.keys.tokens(session.actor.id), chat.keys.actor(session.actor.id)],
    [sha, chat.config.tokenTtl, grant, JSON.stringify(session.actor), guestLife],
  );
  return { token, expires: new Date(expires).toISOString(), cursor: formatCursor({ epoch, n }), actor: session.actor };
}

/** Finds what a chat token, known by its SHA-256, stands for: in this instance's memory while that is trusted, else on the primary. Throws `token_unknown`. */
export async function find(chat: TokenContext, sha: string, now: number): Promise<Grant> {
  return recall(chat, sha, now) ?? living(await load(chat, sha), now);
}

/** Tells what a chat token stands for, as far as this instance is sure without asking. */
export function recall(chat: TokenContext, sha: string, now: number): Grant | undefined {
  const known = chat.tail.trusted ? chat.grants.get(sha) : undefined;
  return known !== undefined && known.expires > now ? known : undefined;
}

/** Takes what a chat token stands for, if it does. Throws `token_unknown`. */
export function living(grant: Grant | undefined, now: number): Grant {
  if (grant === undefined || grant.expires <= now) throw new Fault("token_unknown");
  return grant;
}

/** Tells whether a chat token, known by its SHA-256, still stands for somebody. */
export async function alive(chat: TokenContext, sha: string, now: number): Promise<boolean> {
  try {
    return (await find(chat, sha, now)).expires > now;
  } catch (error) {
    if (error instanceof Fault && error.code === "token_unknown") return false;
    throw error;
  }
}

// Deletes one token, or all of an entity's, and tells every instance.
// KEYS: clock, the entity's tokens, then of each token its key and its position. ARGV: own: who (encoded), then each SHA-256.
// Returns: how many there were.
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

/** Revokes a chat token; whoever has it may. Revoking one that is gone already changes nothing. */
export async function revoke(chat: TokenContext, token: string, now: number): Promise<void> {
  const sha = digest(token);
  const grant = await load(chat, sha);
  if (grant !== undefined) await revokeThese(chat, grant.actor.id, [sha], now);
}

/** Revokes every chat token of an entity. */
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
  // A revocation does not fail by this: what such a device said ends with its token's life at the latest.
  await hush(chat, entity, shas.map(tokenDevice), now).catch(() => undefined);
}

const Stored = v.object({ actor: Actor, contacts: v.exactOptional(v.array(v.string())), expires: v.number() });

// Reads a token. KEYS: token. Returns: the grant, or nil.
const LOAD = `return redis.call('GET', KEYS[1])`;

async function load(chat: TokenContext, sha: string): Promise<Grant | undefined> {
  const before = chat.grants.revocations;
  const trusted = chat.tail.trusted;
  const grant = granted(sha, await chat.store.runScript(LOAD, v.nullable(v.string()), [chat.keys.token(sha)], []));
  // A revocation that came while this was under way may be newer than what was read.
  if (grant !== undefined && trusted && chat.tail.trusted && before === chat.grants.revocations)
    chat.grants.remember(grant, Date.now());
  return grant;
}

/** Reads what is kept of a chat token; undefined when that is nothing. */
export function granted(sha: string, stored: string | null): Grant | undefined {
  if (stored === null) return undefined;
  const space = stored.indexOf(" ");
  const birth = parseCursor(stored.slice(0, space));
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Stored), stored.slice(space + 1));
  if (birth === undefined || !parsed.success) throw new Fault("unavailable", { retryAfter: 5 });
  return { sha, birth, ...parsed.output };
}

const GRANTS_MAX = 50_000;

/** The grants that this instance has read. A grant never changes, so it may be cached for as long as revocations are sure to arrive. */
export class GrantCache {
  readonly #grants = new Map<string, Grant>();
  #revocations = 0;

  /** How many revocations have arrived; for telling whether one came while a grant was being read. */
  get revocations(): number {
    return this.#revocations;
  }

  get(sha: string): Grant | undefined {
    return this.#grants.get(sha);
  }

  remember(grant: Grant, now: number): void {
    // All live equally long, so the oldest entries end first.
    for (const [sha, { expires }] of this.#grants) {
      if (expires > now) break;
      this.#grants.delete(sha);
    }
    if (this.#grants.size >= GRANTS_MAX)
      for (const oldest of [...this.#grants.keys()].slice(0, GRANTS_MAX / 10)) this.#grants.delete(oldest);
    this.#grants.set(grant.sha, grant);
  }

  forget(revocation: Revocation): void {
    this.#revocations++;
    if (revocation === "all") this.#grants.clear();
    else for (const sha of revocation) this.#grants.delete(sha);
  }
}
