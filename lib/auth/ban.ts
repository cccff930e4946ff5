import * as v from "valibot";
import { Fault } from "../fault.js";
import { write, writeScript } from "../log/write.js";
import { endPresence } from "../presence/presence.js";
import { Entity } from "../schema/actor.js";
import { decode, encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import type { TokenContext } from "./token.js";

/** The body of `POST server/bans`. */
export const NewBan = v.object({ entity: Entity }, "must be an object");

/** The bans after an entity, or from the first. */
export const BansQuery = v.object({ after: v.exactOptional(Entity) });

/**
 * Throws `banned` if a user is banned from the deployment. For the bearers of sessions; tokens carry the ban themselves. It costs no command
 * while the tail is trusted and the user has been asked about before.
 */
export async function checkNotBanned(chat: TokenContext, entity: string): Promise<void> {
  const known = chat.tail.trusted ? chat.bans.get(entity) : undefined;
  if (known ?? (await read(chat, entity))) throw new Fault("banned");
}

async function read(chat: TokenContext, entity: string): Promise<boolean> {
  const { changes } = chat.bans;
  const trusted = chat.tail.trusted;
  const [score] = await chat.store.transact(v.tuple([v.nullable(Count)]), (batch) =>
    batch.zscore(chat.keys.bans, encode(entity)),
  );
  if (trusted && chat.tail.trusted) chat.bans.remember(entity, score !== null, changes);
  return score !== null;
}

// Bans a user, or lifts the ban, and marks all of the user's tokens, so that no request must look up both. Notifies every instance. The script finds
// the tokens itself: those that were created after a list of them was read must not escape. A ban that is there already is announced again.
// KEYS: clock, bans, the user's tokens. ARGV: own: who (encoded), "1" to ban, the key of a token with "*" for its SHA-256. Returns: {SHA-256 of each token}.
const BAN = writeScript(`
local bans, tokens = KEYS[2], KEYS[3]
local who, banning, pattern = ARGV[5], ARGV[6] == '1', ARGV[7]
local mark = ',"banned":true}'
if banning then redis.call('ZADD', bans, '0', who) else redis.call('ZREM', bans, who) end
local shas, names = redis.call('ZRANGE', tokens, 0, -1), {}
for i, sha in ipairs(shas) do
  local token = string.gsub(pattern, '%*', function() return sha end)
  local grant, left = redis.call('GET', token), redis.call('PTTL', token)
  local marked = grant and string.sub(grant, -#mark) == mark
  if grant and left > 0 and marked ~= banning then
    grant = banning and string.sub(grant, 1, -2) .. mark or string.sub(grant, 1, -#mark - 1) .. '}'
    redis.call('SET', token, grant, 'PX', left)
  end
  names[i] = '"' .. sha .. '"'
end
pass('revoke', who, '-', '{"tokens":[' .. table.concat(names, ',') .. '],"banned":' .. tostring(banning) .. '}')
commit()
return shas
`);

/** Bans a user from the whole deployment: sessions and tokens are refused with `banned`, and held polls end. */
export async function ban(chat: TokenContext, entity: string, now: number): Promise<void> {
  await set(chat, entity, true, now);
  // The ban holds without this: the presence of a user who cannot connect ends with the lease.
  await endPresence(chat, entity, now).catch(() => undefined);
}

/** Lifts a ban. Tokens from before are valid again until they expire. */
export function unban(chat: TokenContext, entity: string, now: number): Promise<void> {
  return set(chat, entity, false, now);
}

async function set(chat: TokenContext, entity: string, isBanned: boolean, now: number): Promise<void> {
  const { keys } = chat;
  const shas = await write(
    chat,
    BAN,
    v.array(v.string()),
    now,
    [keys.bans, keys.tokens(entity)],
    [encode(entity), isBanned ? "1" : "0", keys.token("*")],
  );
  chat.tail.revoke(new Set(shas), { entity, isBanned });
}

// A page of the longest entities has less than 1 MiB.
const LISTED_MAX = 1_000;

/** Lists the banned users, ordered by their encoded entities. */
export async function bans(chat: TokenContext, { after }: v.InferOutput<typeof BansQuery>) {
  const [found] = await chat.store.transact(v.tuple([v.array(v.string())]), (batch) =>
    batch.zrange(chat.keys.bans, after === undefined ? "-" : `(${encode(after)}`, "+", {
      byLex: true,
      offset: 0,
      count: LISTED_MAX + 1,
    }),
  );
  const page = found.slice(0, LISTED_MAX).map(decode);
  return { bans: page, ...(found.length > LISTED_MAX ? { more: true } : {}) };
}
