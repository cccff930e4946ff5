import { createHmac } from "node:crypto";

/** The issuer of guests' sessions: the chat itself, never the host application. */
export const GUEST_ISSUER = "nereid-chat:guest";

/** The `typ` of guests' sessions (RFC 8725 §3.11), by which they are told apart from the host's. */
export const GUEST_TYPE = "nereid-chat-guest+jwt";

/**
 * Derives the key that signs guests' sessions from the secret of the host application. The host verifies its own sessions with the secret,
 * so a session that a guest can obtain must not pass for one of them.
 */
export function guestKey(secret: string): Uint8Array {
  return createHmac("sha256", secret).update(GUEST_ISSUER).digest();
}
