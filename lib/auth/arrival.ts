import { Fault } from "../fault.js";
import type { Caller } from "../people/caller.js";
import { type Introduced, introduction, isIntroduced, noteIntroduced } from "../people/profiles.js";
import { Count } from "../store/replies.js";
import { checkNotBanned } from "./ban.js";
import { banMembers, IS_BANNED } from "./ban-member.js";
import type { TokenContext } from "./token.js";

// Stores the description of a user, unless the user is banned: nothing is written of who is being erased.
// KEYS: bans, the user's description. ARGV: the three members of the user in bans, the description, the seconds to keep it or ''.
// Returns: 1 if the user is banned, else 0.
const ARRIVE = `
${IS_BANNED}
local bans, actor = KEYS[1], KEYS[2]
local described, seconds = ARGV[4], ARGV[5]
if isBanned(bans, 1) then return 1 end
if seconds == '' then redis.call('SET', actor, described) else redis.call('SET', actor, described, 'EX', seconds) end
return 0
`;

/**
 * Introduces a caller with a session to an instance that may know nothing of the user yet, in one round trip, where `checkNotBanned` and
 * `introduce` take two: others wait for the first answer, too. Throws `banned`.
 */
export async function arrive(
  chat: TokenContext & { introduced: Introduced },
  caller: Caller,
  now: number,
): Promise<void> {
  const entity = caller.actor.id;
  const { described, seconds } = introduction(caller, now);
  if (isIntroduced(chat.introduced, caller, described, now)) return checkNotBanned(chat, entity);
  const banned = await chat.store.runScript(
    ARRIVE,
    Count,
    [chat.keys.bans, chat.keys.actor(entity)],
    [...banMembers(entity), described, seconds ?? ""],
  );
  if (banned === 1) throw new Fault("banned");
  noteIntroduced(chat.introduced, caller, described, now);
}
