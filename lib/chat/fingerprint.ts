import * as keys from "../store/keys.js";

/** Hashes what a message says, whatever the order of its properties. */
export function fingerprint(content: object): string {
  return keys.digest(JSON.stringify(sorted(content))).slice(0, 22);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(Reflect.get(value, name))]));
}
