import { SignJWT } from "jose";
import { markOf } from "../../auth/secret-mark.js";
import { Sessions } from "../../auth/session.js";
import type { Config } from "../../config.js";
import { Fault } from "../../fault.js";
import { createKeys, type Keys } from "../../store/keys.js";
import { Rest } from "../../store/upstash-rest.js";
import { bad, type Finding, good, warning } from "../finding.js";

/** Checks the way to verify sessions: the strength of the secret, that a session signed with it is accepted, and that a key set can be fetched. */
export async function checkVerifier(config: Config, now: number): Promise<Finding[]> {
  const { secret, jwks } = config.jwt;
  const findings: Finding[] = [];
  if (secret !== undefined) findings.push(checkStrength(secret), await checkSession(config, secret, now));
  if (jwks !== undefined) findings.push(await checkKeySet(jwks));
  return findings;
}

/** Checks the secret that a deployment without one makes for itself, with its first request that needs one, and keeps in the store. */
export async function checkKeptSecret(config: Config): Promise<Finding> {
  const { value, shown } = await readKept(config);
  if (value === undefined) return lackOfVerifier();
  if (shown !== undefined)
    return good("secret", "The store keeps one that the deployment made, and its owner has seen");
  return warning("secret", "The store keeps one that the deployment made, and nobody has seen it", SHOW);
}

/**
 * Finds traces of another deployment under the same prefix: one that made a secret for itself, though this one has its own, or one that was
 * given another.
 */
export async function checkSharedPrefix(config: Config): Promise<Finding[]> {
  const { secret } = config.jwt;
  if (secret === undefined) return [];
  const { value } = await readKept(config);
  if (value !== undefined && value !== secret) return [warning("prefix", KEPT, SEPARATE_KEPT)];
  const others = (await readMarks(config)).filter(({ mark }) => mark !== markOf(secret));
  const newest = Math.max(...others.map(({ at }) => at));
  if (others.length === 0) return [];
  return [warning("prefix", `${GIVEN}, at ${new Date(newest).toISOString()} the last time`, SEPARATE_GIVEN)];
}

async function readKept(config: Config): Promise<{ value?: string; shown?: string }> {
  const reply = await read(config, ({ secret }) => ["HMGET", secret, "value", "shown"]);
  const [value, shown] = reply;
  return { ...(typeof value === "string" && { value }), ...(typeof shown === "string" && { shown }) };
}

async function readMarks(config: Config): Promise<{ mark: string; at: number }[]> {
  const reply = await read(config, ({ marks }) => ["ZRANGE", marks, "0", "-1", "WITHSCORES"]);
  return reply.flatMap((mark, i) => (i % 2 === 0 ? [{ mark: `${mark}`, at: Number(reply[i + 1]) }] : []));
}

/** Reads a list; an empty one where it cannot be read, which the checks of the store explain. */
async function read({ redis, prefix }: Config, command: (keys: Keys) => string[]): Promise<readonly unknown[]> {
  const rest = new Rest(redis.url, redis.token, READ_MS);
  try {
    const reply = await rest.run(command(createKeys(prefix)));
    return Array.isArray(reply) ? reply : [];
  } catch {
    return [];
  } finally {
    rest.close();
  }
}

const READ_MS = 5_000;
const SHOW =
  "If your application signs sessions, get it by a POST of the store's token to /nereid-chat/setup (docs/deploy.md)";
const KEPT = "The store keeps the secret of a deployment without CHAT_JWT_SECRET under the same prefix";
const SEPARATE_KEPT =
  "If that is another deployment, give each a CHAT_PREFIX of its own, or the same CHAT_JWT_SECRET: they share all users and messages. If it was this one, before it had the variable, delete the hash `<prefix>secret`";
const GIVEN = "A deployment with another CHAT_JWT_SECRET uses the same prefix";
const SEPARATE_GIVEN =
  "If that is another deployment, give each a CHAT_PREFIX of its own, or the same CHAT_JWT_SECRET: they share all users and messages. If it was this one, before its secret was replaced, this ends after seven days";

/** The settings have no way to verify sessions. */
export function lackOfVerifier(): Finding {
  return bad(
    "secret",
    "Neither CHAT_JWT_SECRET nor CHAT_JWKS_URL is set, so no session is accepted",
    "Set CHAT_JWT_SECRET to the output of `openssl rand -base64 32`; or let the deployment make one with its first request (docs/deploy.md). A chat that is mounted with the option `user` needs neither: run this with --mounted",
  );
}

type Bound = { issuer: string | undefined; audience: string | undefined };

/** Signs a session as the host application does, valid for a minute. */
export function signSession({ issuer, audience }: Bound, secret: string, now: number): Promise<string> {
  const iat = Math.floor(now / 1_000);
  const claims = { sub: "nereid-chat,doctor", name: "Doctor", iat, exp: iat + 60 };
  const bound = {
    ...(issuer === undefined ? {} : { iss: issuer }),
    ...(audience === undefined ? {} : { aud: audience }),
  };
  return new SignJWT({ ...claims, ...bound })
    .setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(secret));
}

// RFC 7518 §3.2 asks for 256 random bits; what has less than half of that, as it is spelled, was made up by somebody.
const BITS_MIN = 128;
const MADE_UP = /secret|password|change.?me|example|placeholder|nereid/i;
const NEW_SECRET = "Replace it with the output of `openssl rand -base64 32`, here and in the host application";

function checkStrength(secret: string): Finding {
  if (/^[\s"']|[\s"']$/.test(secret))
    return warning(
      "secret",
      "It begins or ends with a space or a quotation mark, which counts as part of it",
      "Remove it if it was copied by mistake",
    );
  const bits = Math.floor(shannonBits(secret));
  if (bits < BITS_MIN) return bad("secret", `It can be guessed: it has about ${bits} bits`, NEW_SECRET);
  if (MADE_UP.test(secret))
    return warning("secret", "It contains a word, so it may have been made up or copied from an example", NEW_SECRET);
  return good("secret", `It has ${Buffer.byteLength(secret)} bytes and looks random`);
}

/** The information of a text in bits, if its characters were drawn as often as they occur. */
function shannonBits(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits += count * Math.log2(text.length / count);
  return bits;
}

async function checkSession(config: Config, secret: string, now: number): Promise<Finding> {
  try {
    await new Sessions(config).verify(await signSession(config.jwt, secret, now), now);
    return good("session", "A session that is signed with CHAT_JWT_SECRET is accepted");
  } catch (error) {
    const reason = error instanceof Fault ? error.message : "unknown failure";
    return bad(
      "session",
      `A session that is signed with CHAT_JWT_SECRET is refused: ${reason}`,
      "Correct CHAT_JWT_ISSUER and CHAT_JWT_AUDIENCE",
    );
  }
}

const FETCH_MS = 5_000;

async function checkKeySet(url: string): Promise<Finding> {
  const advice = "Open CHAT_JWKS_URL in a browser: it must return a JSON object with `keys` (RFC 7517)";
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS) });
    const set: unknown = await response.json();
    const keys = typeof set === "object" && set !== null && "keys" in set && Array.isArray(set.keys) ? set.keys : [];
    if (response.ok && keys.length > 0) return good("key set", `CHAT_JWKS_URL returns ${keys.length} keys`);
    return bad("key set", `CHAT_JWKS_URL returns status ${response.status} and no keys`, advice);
  } catch {
    return bad("key set", "CHAT_JWKS_URL cannot be fetched, or is not JSON", advice);
  }
}
