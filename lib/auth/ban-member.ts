import { digest, encode } from "../store/keys.js";

// A space, which no encoded entity has, tells the bans that name nobody from the others, and sorts them before all others.

/** The member of `bans` that keeps a user out while the user is being erased. */
export const erasingMember = (entity: string) => ` erasing ${digest(entity)}`;

/** The member of `bans` that keeps a user out who was banned before the erasure: the id is forgotten, not the ban. */
export const erasedMember = (entity: string) => ` erased ${digest(entity)}`;

/** The members of `bans` each of which keeps a user out. */
export const banMembers = (entity: string) => [encode(entity), erasingMember(entity), erasedMember(entity)];

/** Where the members that name a user begin, for a range by name. */
export const FIRST_NAMED = "[!";

/** Lua: defines `isBanned(bans, first)`, which says whether any of the three members of a user, from ARGV[first] on, is in the zset. */
export const IS_BANNED = `
local function isBanned(bans, first)
  local found = redis.call('ZMSCORE', bans, ARGV[first], ARGV[first + 1], ARGV[first + 2])
  return (found[1] or found[2] or found[3]) and true or false
end
`;
