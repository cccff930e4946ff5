import { createHmac } from "node:crypto";
import * as v from "valibot";

/** The issuer of guests' sessions: the chat itself, never the host application. */
export const GUEST_ISSUER = "nereid-chat:guest";

/** The `typ` of guests' sessions (RFC 8725 §3.11), by which they are told apart from the host's. */
export const GUEST_TYPE = "nereid-chat-guest+jwt";

/** Returns whether a JWT says that it is a guest's session; it is not verified. */
export function isGuestSession(jwt: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(jwt.split(".")[0] ?? "", "base64url").toString());
    return v.is(GuestHeader, header);
  } catch {
    return false;
  }
}

const GuestHeader = v.object({ typ: v.literal(GUEST_TYPE) });

/**
 * Derives the key that signs guests' sessions from the secret of the host application. The host verifies its own sessions with the secret,
 * so a session that a guest can obtain must not pass for one of them.
 */
export function guestKey(secret: string): Uint8Array {
  return createHmac("sha256", secret).update(GUEST_ISSUER).digest();
}
