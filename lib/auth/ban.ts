import * as v from "valibot";
import { Fault } from "../fault.js";
import { write, writeScript } from "../log/write.js";
import { SYSTEM } from "../people/system.js";
import { endPresence } from "../presence/presence.js";
import { Entity } from "../schema/actor.js";
import { decode, encode } from "../store/keys.js";
import { Count } from "../store/replies.js";
import { banMembers, erasingMember, FIRST_NAMED, IS_BANNED } from "./ban-member.js";
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

// Null where nobody is banned.
const Scores = v.nullable(v.array(v.nullable(Count)));

async function read(chat: TokenContext, entity: string): Promise<boolean> {
  const { changes } = chat.bans;
  const trusted = chat.tail.trusted;
  const [scores] = await chat.store.transact(v.tuple([Scores]), (batch) =>
    batch.zmscore(chat.keys.bans, banMembers(entity)),
  );
  const isBanned = scores?.some((it) => it !== null) === true;
  if (trusted && chat.tail.trusted) chat.bans.remember(entity, isBanned, changes);
  return isBanned;
}

// Bans a user, or lifts the ban, and marks all of the user's tokens, so that no request must look up both. Notifies every instance. The script finds
// the tokens itself: those that were created after a list of them was read must not escape. A ban that is there already is announced again. A ban that
// is lifted while the user is being erased holds until that is done.
// KEYS: clock, bans, the user's tokens. ARGV: own: who (encoded), and the other members of the user in bans; the member to add, or '' to lift the ban;
// the key of a token with "*" for its SHA-256. Returns: {1, or 0 if the user is not banned then, SHA-256 of each token}.
const BAN = writeScript(`
${IS_BANNED}
local bans, tokens = KEYS[2], KEYS[3]
local who, erased, added, pattern = ARGV[5], ARGV[7], ARGV[8], ARGV[9]
local mark = ',"banned":true}'
if added ~= '' then redis.call('ZADD', bans, '0', added) else redis.call('ZREM', bans, who, erased) end
local banned = isBanned(bans, 5)
local shas, names, reply = redis.call('ZRANGE', tokens, 0, -1), {}, {banned and 1 or 0}
for i, sha in ipairs(shas) do
  local token = string.gsub(pattern, '%*', function() return sha end)
  local grant, left = redis.call('GET', token), redis.call('PTTL', token)
  local marked = grant and string.sub(grant, -#mark) == mark
  if grant and left > 0 and marked ~= banned then
    grant = banned and string.sub(grant, 1, -2) .. mark or string.sub(grant, 1, -#mark - 1) .. '}'
    redis.call('SET', token, grant, 'PX', left)
  end
  names[i], reply[i + 1] = '"' .. sha .. '"', sha
end
pass('revoke', who, '-', '{"tokens":[' .. table.concat(names, ',') .. '],"banned":' .. tostring(banned) .. '}')
commit()
return reply
`);

/**
 * Bans a user from the whole deployment: sessions and tokens are refused with `banned`, and held polls end. Throws `forbidden` for the system, as
 * which nobody logs in.
 */
export async function ban(chat: TokenContext, entity: string, now: number): Promise<void> {
  if (entity === SYSTEM) throw new Fault("forbidden", { detail: "The system cannot be banned" });
  await shutOut(chat, entity, encode(entity), now);
}

/** Bans a user for as long as the user is being erased. */
export async function banWhileErased(chat: TokenContext, entity: string, now: number): Promise<void> {
  await shutOut(chat, entity, erasingMember(entity), now);
}

/** Lifts a ban, also one that has outlived an erasure. Tokens from before are valid again until they expire. */
export function unban(chat: TokenContext, entity: string, now: number): Promise<void> {
  return set(chat, entity, "", now);
}

async function shutOut(chat: TokenContext, entity: string, member: string, now: number): Promise<void> {
  await set(chat, entity, member, now);
  // The ban holds without this: the presence of a user who cannot connect ends with the lease.
  await endPresence(chat, entity, now).catch(() => undefined);
}

const Marked = v.tupleWithRest([v.picklist([0, 1])], v.string());

async function set(chat: TokenContext, entity: string, added: string, now: number): Promise<void> {
  const { keys } = chat;
  const [banned, ...shas] = await write(
    chat,
    BAN,
    Marked,
    now,
    [keys.bans, keys.tokens(entity)],
    [...banMembers(entity), added, keys.token("*")],
  );
  chat.tail.revoke(new Set(shas), { entity, isBanned: banned === 1 });
}

// A page of the longest entities has less than 1 MiB.
const LISTED_MAX = 1_000;

/** Lists the banned users, ordered by their encoded entities; not those who were erased, whom the store does not name. */
export async function bans(chat: TokenContext, { after }: v.InferOutput<typeof BansQuery>) {
  const [found] = await chat.store.transact(v.tuple([v.array(v.string())]), (batch) =>
    batch.zrange(chat.keys.bans, after === undefined ? FIRST_NAMED : `(${encode(after)}`, "+", {
      byLex: true,
      offset: 0,
      count: LISTED_MAX + 1,
    }),
  );
  const page = found.slice(0, LISTED_MAX).map(decode);
  return { bans: page, ...(found.length > LISTED_MAX ? { more: true } : {}) };
}
