/**
 * Returns whether a session may address or add `entity`. `contacts` has entities, or prefixes ending in `*`; without the claim all users
 * are allowed, with an empty one none.
 */
export function contactAllowed(contacts: readonly string[] | undefined, entity: string): boolean {
  if (contacts === undefined) return true;
  return contacts.some((it) => (it.endsWith("*") ? entity.startsWith(it.slice(0, -1)) : entity === it));
}
