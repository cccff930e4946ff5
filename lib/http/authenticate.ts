import { checkNotBanned } from "../auth/ban.js";
import { isGuestSession } from "../auth/guest-key.js";
import * as token from "../auth/token.js";
import { Fault, type FaultCode } from "../fault.js";
import type { Caller } from "../people/caller.js";
import { introduce } from "../people/profiles.js";
import { digest } from "../store/keys.js";
import * as coldStart from "../stream/cold-start.js";
import { address } from "./address.js";
import type { ChatContext } from "./chat-context.js";
import { checkOrigin } from "./cors.js";
import { findCredential } from "./credential.js";

/** A request to authenticate; `token` is the chat token in its path, if there is one, and `sha` the SHA-256 of its chat token, if it is known. */
export type AuthenticationInput = {
  request: Request;
  token: string | undefined;
  sha?: string | undefined;
  toStream: boolean;
  now: number;
};

/** Requires a session or a chat token. Throws `unauthenticated`, `token_unknown`, `origin_not_allowed`, `banned`. */
export async function anyCaller(chat: ChatContext, input: AuthenticationInput): Promise<Caller> {
  const authenticated = await authenticate(chat, input);
  if (authenticated === undefined) throw new Fault("unauthenticated");
  if (authenticated.kind === "token")
    return callerOfToken(chat, authenticated, input, (sha) => token.find(chat, sha, input.now));
  // Not at once: nothing is written of a user who is banned, as one is who is being erased.
  await checkNotBanned(chat, authenticated.caller.actor.id);
  await introduce(chat, authenticated.caller, input);
  return authenticated.caller;
}

/**
 * Requires the same for *stream*. An instance whose tail is not ready reads what the first answer needs together with the credential.
 */
export async function streamCaller(chat: ChatContext, input: AuthenticationInput): Promise<coldStart.StreamCaller> {
  if (chat.tail.ready) return anyCaller(chat, input);
  const { request, now } = input;
  const authenticated = await authenticate(chat, input);
  if (authenticated === undefined) throw new Fault("unauthenticated");
  const hasCursor = request.headers.has("last-event-id") || /[?&]cursor=/.test(request.url);
  if (authenticated.kind === "token")
    return callerOfToken(chat, authenticated, input, (sha) => coldStart.byToken(chat, sha, hasCursor, now));
  return coldStart.bySession(chat, authenticated.caller, hasCursor, now);
}

/** Requires a session; a chat token alone is refused with `token_not_allowed`. */
export async function sessionCaller(chat: ChatContext, input: AuthenticationInput): Promise<Caller> {
  const caller = await optionalSession(chat, input);
  if (caller === undefined) throw new Fault("unauthenticated");
  await checkNotBanned(chat, caller.actor.id);
  return caller;
}

/** Requires the session of a moderator. Throws `forbidden` for any other, and `token_not_allowed` for a chat token: those stand in URLs. */
export async function moderatorCaller(chat: ChatContext, input: AuthenticationInput): Promise<Caller> {
  const caller = await sessionCaller(chat, input);
  if (!caller.moderator)
    throw new Fault("forbidden", { detail: 'Only a session with the claim "role": "moderator" may' });
  return caller;
}

/** Accepts a session or no credential; a chat token is refused with `token_not_allowed`. */
export async function optionalSession(chat: ChatContext, input: AuthenticationInput): Promise<Caller | undefined> {
  const authenticated = await authenticate(chat, input);
  if (authenticated?.kind === "token") throw new Fault("token_not_allowed");
  return authenticated?.caller;
}

/** Accepts every request, without a caller. */
export async function anonymous(): Promise<undefined> {
  return undefined;
}

type Authenticated = { kind: "session"; caller: Caller } | { kind: "token"; token: string; inPath: boolean };

/**
 * Verifies the session of a request, or returns its chat token. The host's own session is treated as a cookie when the origin is checked.
 */
async function authenticate(
  chat: ChatContext,
  { request, token, toStream, now }: AuthenticationInput,
): Promise<Authenticated | undefined> {
  const credential = findCredential(chat.config, request, token);
  if (credential?.kind === "token") return credential;
  if (chat.config.user !== undefined) {
    checkOrigin(chat.config, request, true, toStream);
    const session = await chat.sessions.ask(request, now);
    if (session !== undefined) {
      const sha = digest(`user ${session.actor.id}`);
      return { kind: "session", caller: { ...session, sha, browser: digest(`${sha} ${credentialsOf(request)}`) } };
    }
  }
  if (credential === undefined) return undefined;
  checkOrigin(chat.config, request, credential.cookie, toStream);
  const sha = digest(credential.jwt);
  try {
    const { sid, ...session } = await chat.sessions.verify(credential.jwt, now);
    const browser = credential.cookie ? sha : sid && digest(`sid ${session.actor.id} ${sid}`);
    return { kind: "session", caller: { ...session, sha, ...(browser && { browser }) } };
  } catch (error) {
    // A guest cannot log in again: the one of an expired cookie, or of a former secret, is gone, and a new one replaces it.
    if (isRefusal(error) && credential.cookie && isGuestSession(credential.jwt)) return undefined;
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Fault && error.code === "unauthenticated";
}

/** Returns what the host's own session may depend on: it differs between the browsers of one user. */
function credentialsOf({ headers }: Request): string {
  return `${headers.get("cookie") ?? ""} ${headers.get("authorization") ?? ""}`;
}

async function callerOfToken(
  chat: ChatContext,
  authenticated: { token: string; inPath: boolean },
  { request, sha = digest(authenticated.token), now }: AuthenticationInput,
  find: (sha: string) => Promise<coldStart.StreamCaller>,
): Promise<coldStart.StreamCaller> {
  const known = token.findCached(chat, sha, now);
  if (known !== undefined) return known;
  return rationGuesses(chat, request, "token_unknown", () => find(sha)).catch((error) => {
    if (!(error instanceof Fault && error.code === "token_unknown")) throw error;
    throw authenticated.inPath ? error : new Fault("token_unknown", { status: 401 });
  });
}

/**
 * Looks something up by a secret that may be a guess. Guesses, which fail with `missing`, are limited by address, so that not every one
 * reaches the store. Throws `rate_limited`.
 */
export async function rationGuesses<Found>(
  chat: Pick<ChatContext, "limits">,
  request: Request,
  missing: FaultCode,
  find: () => Promise<Found>,
): Promise<Found> {
  const from = address(request);
  await chat.limits.check("stream", from);
  try {
    return await find();
  } catch (error) {
    if (error instanceof Fault && error.code === missing) await chat.limits.consume("stream", from);
    throw error;
  }
}
