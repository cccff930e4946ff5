import { encode } from "../store/keys.js";

/** The user whose data is exported or erased, in the spellings that the store has: encoded in keys and fields, quoted in JSON. */
export type Person = { entity: string; who: string; quoted: string };

export function createPerson(entity: string): Person {
  return { entity, who: encode(entity), quoted: JSON.stringify(entity) };
}
