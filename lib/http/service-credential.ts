import { Fault } from "../fault.js";
import type { Caller } from "../people/caller.js";
import { SYSTEM_CALLER } from "../people/system.js";
import { type AuthenticationInput, moderatorCaller } from "./authenticate.js";
import type { ChatContext } from "./chat-context.js";
import { findCredential } from "./credential.js";

/**
 * Requires a service credential in the `Authorization` header, or that the application itself asks in this process. Cookies are ignored, and
 * so is the host's `user` function. Throws `unauthenticated`, `forbidden` for a session, `token_not_allowed` for a chat token.
 */
export async function serviceCaller(chat: ChatContext, { request, now }: AuthenticationInput): Promise<Caller> {
  if (!chat.inside.has(request)) await verify(chat, request, now);
  return { ...SYSTEM_CALLER, expires: now + chat.config.tokenTtl * 1_000 };
}

/** Requires the session of a moderator or a service credential. Throws `unauthenticated`, `forbidden`, `token_not_allowed`. */
export async function staffCaller(chat: ChatContext, input: AuthenticationInput): Promise<Caller> {
  try {
    return await serviceCaller(chat, input);
  } catch (error) {
    // A cookie, the host's own session, and the JWT of a session are no service credential.
    const isOther = error instanceof Fault && ["unauthenticated", "forbidden"].includes(error.code);
    if (!isOther) throw error;
    return moderatorCaller(chat, input);
  }
}

async function verify(chat: ChatContext, request: Request, now: number): Promise<void> {
  const credential = findCredential(chat.config, request, undefined);
  if (credential === undefined || (credential.kind === "session" && credential.cookie))
    throw new Fault("unauthenticated");
  if (credential.kind === "token")
    throw new Fault("token_not_allowed", { detail: "A chat token is no service credential" });
  await chat.sessions.verifyService(credential.jwt, now);
}
