import { Fault } from "../fault.js";
import type { Caller } from "../people/caller.js";
import { SYSTEM } from "../people/system.js";
import { digest } from "../store/keys.js";
import type { AuthenticationInput } from "./authenticate.js";
import type { ChatContext } from "./chat-context.js";
import { findCredential } from "./credential.js";

/**
 * Requires a service credential in the `Authorization` header, or that the application itself asks in this process. Cookies are ignored, and
 * so is the host's `user` function. Throws `unauthenticated`, `forbidden` for a session, `token_not_allowed` for a chat token.
 */
export async function serviceCaller(chat: ChatContext, { request, now }: AuthenticationInput): Promise<Caller> {
  if (!chat.inside.has(request)) await verify(chat, request, now);
  return {
    actor: { id: SYSTEM, objectType: "service" },
    contacts: ["*"],
    expires: now + chat.config.tokenTtl * 1_000,
    sha: digest(SYSTEM),
  };
}

async function verify(chat: ChatContext, request: Request, now: number): Promise<void> {
  const credential = findCredential(chat.config, request, undefined);
  if (credential === undefined || (credential.kind === "session" && credential.cookie))
    throw new Fault("unauthenticated");
  if (credential.kind === "token")
    throw new Fault("token_not_allowed", { detail: "A chat token is no service credential" });
  await chat.sessions.verifyService(credential.jwt, now);
}
