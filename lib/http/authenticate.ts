import { verifySession } from "../auth/session.js";
import * as token from "../auth/token.js";
import { Fault } from "../fault.js";
import { tail } from "../log/tail.js";
import type { Caller } from "../people/caller.js";
import { introduce } from "../people/profiles.js";
import * as keys from "../store/keys.js";
import type { Listener } from "../stream/arrival.js";
import * as listening from "../stream/cold-start.js";
import { checkOrigin } from "./cors.js";
import { type Credential, credential } from "./credential.js";
import { check, take } from "./rate-limit.js";

/** A request whose sender is to be found; `token` is the chat token in its path, if there is one. */
export type Asking = { request: Request; token: string | undefined; toStream: boolean; now: number };

/** Requires a session or a chat token. Throws `unauthenticated`, `token_unknown`, `origin_not_allowed`. */
export async function anyCaller(asking: Asking): Promise<Caller> {
  const proof = prove(asking);
  if (proof === undefined) throw new Fault("unauthenticated");
  if (proof.kind === "token") return byToken(asking, proof, (sha) => token.find(sha, asking.now));
  const caller = await bySession(asking, proof.jwt);
  await introduce(caller, asking.now);
  return caller;
}

/**
 * Requires the same of somebody who comes to listen. An instance that must read what concerns them from the log asks for it together
 * with who they are.
 */
export async function listener(asking: Asking): Promise<Listener> {
  if (tail.ready) return anyCaller(asking);
  const { request, now } = asking;
  const proof = prove(asking);
  if (proof === undefined) throw new Fault("unauthenticated");
  const hasCursor = request.headers.has("last-event-id") || /[?&]cursor=/.test(request.url);
  if (proof.kind === "token") return byToken(asking, proof, (sha) => listening.byToken(sha, hasCursor, now));
  return listening.bySession(await bySession(asking, proof.jwt), hasCursor, now);
}

/** Requires a session: whoever has but a chat token is refused with `token_not_allowed`. */
export async function sessionCaller(asking: Asking): Promise<Caller> {
  const caller = await sessionOrNobody(asking);
  if (caller === undefined) throw new Fault("unauthenticated");
  return caller;
}

/** Takes a session or nothing at all; a chat token is refused with `token_not_allowed`. */
export async function sessionOrNobody(asking: Asking): Promise<Caller | undefined> {
  const proof = prove(asking);
  if (proof?.kind === "token") throw new Fault("token_not_allowed");
  return proof && bySession(asking, proof.jwt);
}

/** Lets everybody in, unidentified. */
export async function anybody(): Promise<undefined> {
  return undefined;
}

/** The address a request came from, as the platform tells it. */
export function address(request: Request): string {
  return request.headers.get("x-real-ip") ?? "unknown";
}

function prove({ request, token, toStream }: Asking): Credential {
  const proof = credential(request, token);
  checkOrigin(request, proof?.kind === "session" && proof.cookie, toStream);
  return proof;
}

async function bySession({ now }: Asking, jwt: string): Promise<Caller> {
  return { ...(await verifySession(jwt, now)), sha: keys.digest(jwt) };
}

async function byToken(
  { request, now }: Asking,
  proof: { token: string; inPath: boolean },
  find: (sha: string) => Promise<Listener>,
): Promise<Listener> {
  const sha = keys.digest(proof.token);
  const known = token.recall(sha, now);
  if (known !== undefined) return known;
  // Guessing tokens is rationed by address, so that not every guess reaches the store.
  const from = address(request);
  await check("stream", from);
  try {
    return await find(sha);
  } catch (error) {
    if (!(error instanceof Fault && error.code === "token_unknown")) throw error;
    await take("stream", from);
    throw proof.inPath ? error : new Fault("token_unknown", { status: 401 });
  }
}
