/**
 * Tells whether a session may address or add `entity`. `contacts` holds entities, or prefixes ending in `*`; without the
 * claim everybody is a contact, with an empty one nobody is.
 */
export function contactAllowed(contacts: readonly string[] | undefined, entity: string): boolean {
  if (contacts === undefined) return true;
  return contacts.some((it) => (it.endsWith("*") ? entity.startsWith(it.slice(0, -1)) : entity === it));
}
