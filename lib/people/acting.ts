import type { Log } from "../log/log.js";
import { digest, encode } from "../store/keys.js";
import type { Caller } from "./caller.js";
import { describe } from "./profiles.js";
import { objectTypeOf, SYSTEM } from "./system.js";

/**
 * Returns the caller as whom the host's server acts: a user, who need not have been seen before, or the system. The host decides whom its
 * users reach, so neither contacts nor the hour limit them.
 */
export async function actingAs(chat: Log, entity: string | undefined, now: number): Promise<Caller> {
  const id = entity ?? SYSTEM;
  const described = await describe(chat, [encode(id)]);
  const actor = described.get(encode(id)) ?? { id, objectType: objectTypeOf(id) };
  return { actor, contacts: ["*"], expires: now + chat.config.tokenTtl * 1_000, sha: digest(`server ${id}`) };
}
