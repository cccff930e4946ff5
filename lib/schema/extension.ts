/** The properties that only the server sets, so that no extension can claim them (PROFILE §1). */
export const SERVER_OWNED: ReadonlySet<string> = new Set([
  "seq",
  "timestamp",
  "sender",
  "edited",
  "retracted",
  "reactions",
  "reactionCounts",
  "entity",
  "blocked",
]);

/** Removes the properties that the server owns from an object with extensions. */
export function withoutOwned<T extends object>(object: T): T {
  for (const name of SERVER_OWNED) Reflect.deleteProperty(object, name);
  return object;
}
