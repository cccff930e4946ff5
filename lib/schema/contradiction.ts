/** What is wrong with a change whose lists do not agree. */
export const MUST_AGREE = "must not name a user both in add and in remove or ban, or both in ban and in unban";

/** Returns whether no user is in two lists of a change that contradict each other: the one that is carried out last would win. */
export function agrees(lists: { readonly [list in (typeof OPPOSITES)[number][number]]?: readonly string[] }): boolean {
  return OPPOSITES.every(([one, other]) => {
    const named = new Set(lists[one]);
    return !lists[other]?.some((entity) => named.has(entity));
  });
}

/** A user to be added is neither removed nor banned, and one to be banned is not unbanned. */
const OPPOSITES = [
  ["add", "remove"],
  ["add", "ban"],
  ["ban", "unban"],
] as const;
