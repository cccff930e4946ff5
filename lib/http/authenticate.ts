import * as token from "../auth/token.js";
import { Fault } from "../fault.js";
import type { Caller } from "../people/caller.js";
import { introduce } from "../people/profiles.js";
import { digest } from "../store/keys.js";
import * as coldStart from "../stream/cold-start.js";
import type { ChatContext } from "./chat-context.js";
import { checkOrigin } from "./cors.js";
import { findCredential } from "./credential.js";

/** A request whose sender is to be found; `token` is the chat token in its path, if there is one. */
export type Asking = { request: Request; token: string | undefined; toStream: boolean; now: number };

/** Requires a session or a chat token. Throws `unauthenticated`, `token_unknown`, `origin_not_allowed`. */
export async function anyCaller(chat: ChatContext, asking: Asking): Promise<Caller> {
  const proof = await prove(chat, asking);
  if (proof === undefined) throw new Fault("unauthenticated");
  if (proof.kind === "token") return byToken(chat, asking, proof, (sha) => token.find(chat, sha, asking.now));
  await introduce(chat, proof.caller, asking.now);
  return proof.caller;
}

/**
 * Requires the same of a caller of *stream*. An instance that must read what concerns them from the log asks for it together with who
 * they are.
 */
export async function streamCaller(chat: ChatContext, asking: Asking): Promise<coldStart.StreamCaller> {
  if (chat.tail.ready) return anyCaller(chat, asking);
  const { request, now } = asking;
  const proof = await prove(chat, asking);
  if (proof === undefined) throw new Fault("unauthenticated");
  const hasCursor = request.headers.has("last-event-id") || /[?&]cursor=/.test(request.url);
  if (proof.kind === "token")
    return byToken(chat, asking, proof, (sha) => coldStart.byToken(chat, sha, hasCursor, now));
  return coldStart.bySession(chat, proof.caller, hasCursor, now);
}

/** Requires a session; a chat token alone is refused with `token_not_allowed`. */
export async function sessionCaller(chat: ChatContext, asking: Asking): Promise<Caller> {
  const caller = await sessionOrNobody(chat, asking);
  if (caller === undefined) throw new Fault("unauthenticated");
  return caller;
}

/** Takes a session or nothing at all; a chat token is refused with `token_not_allowed`. */
export async function sessionOrNobody(chat: ChatContext, asking: Asking): Promise<Caller | undefined> {
  const proof = await prove(chat, asking);
  if (proof?.kind === "token") throw new Fault("token_not_allowed");
  return proof?.caller;
}

/** Lets everybody in, unidentified. */
export async function anybody(): Promise<undefined> {
  return undefined;
}

/** The address a request came from, as the platform tells it. */
export function address(request: Request): string {
  return request.headers.get("x-real-ip") ?? "unknown";
}

type Proof = { kind: "session"; caller: Caller } | { kind: "token"; token: string; inPath: boolean };

/** Verifies the session of a request, or names its chat token. The host's own session is a cookie as far as other origins are concerned. */
async function prove(chat: ChatContext, { request, token, toStream, now }: Asking): Promise<Proof | undefined> {
  const credential = findCredential(chat.config, request, token);
  if (credential?.kind === "token") return credential;
  if (chat.config.user !== undefined) {
    checkOrigin(chat.config, request, true, toStream);
    const session = await chat.sessions.ask(request, now);
    if (session !== undefined)
      return { kind: "session", caller: { ...session, sha: digest(`user ${session.actor.id}`) } };
  }
  if (credential === undefined) return undefined;
  checkOrigin(chat.config, request, credential.cookie, toStream);
  return {
    kind: "session",
    caller: { ...(await chat.sessions.verify(credential.jwt, now)), sha: digest(credential.jwt) },
  };
}

async function byToken(
  chat: ChatContext,
  { request, now }: Asking,
  proof: { token: string; inPath: boolean },
  find: (sha: string) => Promise<coldStart.StreamCaller>,
): Promise<coldStart.StreamCaller> {
  const sha = digest(proof.token);
  const known = token.recall(chat, sha, now);
  if (known !== undefined) return known;
  // Guessing tokens is rationed by address, so that not every guess reaches the store.
  const from = address(request);
  await chat.limits.check("stream", from);
  try {
    return await find(sha);
  } catch (error) {
    if (!(error instanceof Fault && error.code === "token_unknown")) throw error;
    await chat.limits.take("stream", from);
    throw proof.inPath ? error : new Fault("token_unknown", { status: 401 });
  }
}
