import * as v from "valibot";

/** Thrown at start-up, so that a wrong deployment says which variable to mend instead of failing request by request. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Parses an environment. Throws `ConfigError` naming the first variable that is missing or malformed. */
export function parseConfig(environment: Record<string, string | undefined>) {
  const parsed = v.safeParse(Environment, environment);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw new ConfigError(`Cannot read the environment: ${v.getDotPath(issue) ?? "environment"}: ${issue.message}`);
  }
  const env = parsed.output;
  const url = env.UPSTASH_REDIS_REST_URL ?? env.KV_REST_API_URL;
  const token = env.UPSTASH_REDIS_REST_TOKEN ?? env.KV_REST_API_TOKEN;
  if (url === undefined) {
    throw new ConfigError("Cannot reach Redis: UPSTASH_REDIS_REST_URL (or KV_REST_API_URL) is missing");
  }
  if (token === undefined) {
    throw new ConfigError("Cannot reach Redis: UPSTASH_REDIS_REST_TOKEN (or KV_REST_API_TOKEN) is missing");
  }
  if (env.CHAT_GUESTS && env.CHAT_JWT_SECRET === undefined) {
    throw new ConfigError("Cannot admit guests: CHAT_JWT_SECRET is missing, their sessions are signed with it");
  }
  return {
    redis: { url: url.replace(/\/+$/, ""), token },
    store: env.CHAT_STORE,
    prefix: env.CHAT_PREFIX,
    origins: env.CHAT_ORIGINS,
    sessionCookie: env.CHAT_SESSION_COOKIE,
    jwt: {
      secret: env.CHAT_JWT_SECRET,
      jwks: env.CHAT_JWKS_URL,
      issuer: env.CHAT_JWT_ISSUER,
      audience: env.CHAT_JWT_AUDIENCE,
    },
    guests: env.CHAT_GUESTS,
    tokenTtl: env.CHAT_TOKEN_TTL,
    liveSeconds: env.CHAT_LIVE_SECONDS,
    idleAfter: env.CHAT_IDLE_AFTER,
    history: env.CHAT_HISTORY,
    roomMax: env.CHAT_ROOM_MAX,
    rate: { send: env.CHAT_RATE_SEND, token: env.CHAT_RATE_TOKEN, stream: env.CHAT_RATE_STREAM },
  };
}

const text = v.pipe(v.string(), v.trim());
const setting = v.optional(v.pipe(text, v.minLength(1, "must not be empty")));
const httpUrl = v.optional(v.pipe(text, v.url("must be a URL"), v.regex(/^https?:/i, "must start with http or https")));
const flag = v.optional(
  v.pipe(
    text,
    v.picklist(["", "0", "1"], "must be 0 or 1"),
    v.transform((it) => it === "1"),
  ),
  "0",
);

function count(fallback: number, min: number, max: number) {
  const range = `must be a whole number from ${min} to ${max}`;
  return v.optional(
    v.pipe(text, v.regex(/^\d{1,15}$/, range), v.transform(Number), v.minValue(min, range), v.maxValue(max, range)),
    `${fallback}`,
  );
}

const Environment = v.object({
  UPSTASH_REDIS_REST_URL: httpUrl,
  UPSTASH_REDIS_REST_TOKEN: setting,
  KV_REST_API_URL: httpUrl,
  KV_REST_API_TOKEN: setting,
  /** What `health` calls the store; the local server says `local`. */
  CHAT_STORE: v.optional(v.picklist(["upstash", "local"], "must be upstash or local"), "upstash"),
  CHAT_PREFIX: v.optional(
    v.pipe(text, v.regex(/^[A-Za-z0-9:_-]{0,32}$/, "must be up to 32 of A-Z a-z 0-9 : _ -")),
    "chat:",
  ),
  CHAT_ORIGINS: v.optional(
    v.pipe(
      text,
      v.transform((it) => it.split(/[\s,]+/).filter((origin) => origin !== "")),
      v.array(v.pipe(v.string(), v.regex(/^https?:\/\/[^/]+$/i, "must list origins such as https://example.org"))),
      v.transform((origins) => new Set(origins.map((origin) => origin.toLowerCase()))),
    ),
    "",
  ),
  CHAT_SESSION_COOKIE: v.optional(v.pipe(text, v.regex(/^[\w.-]{1,64}$/, "must be a cookie name")), "chat_session"),
  // RFC 7518 §3.2: an HS256 key has at least 256 bits.
  CHAT_JWT_SECRET: v.optional(v.pipe(v.string(), v.minBytes(32, "must have at least 32 bytes"))),
  CHAT_JWKS_URL: httpUrl,
  CHAT_JWT_ISSUER: setting,
  CHAT_JWT_AUDIENCE: setting,
  CHAT_GUESTS: flag,
  CHAT_TOKEN_TTL: count(3_600, 1, 86_400),
  // A stream function may run for 300 s; five are kept back so that a response ends by its own deadline.
  CHAT_LIVE_SECONDS: count(240, 1, 295),
  /** Seconds without an event after which clients are advised to ask less often; 0 for never. */
  CHAT_IDLE_AFTER: count(600, 0, 86_400),
  CHAT_HISTORY: count(10_000, 1, 1_000_000),
  CHAT_ROOM_MAX: count(10_000, 2, 10_000),
  CHAT_RATE_SEND: count(10, 1, 1_000_000_000),
  CHAT_RATE_TOKEN: count(10, 1, 1_000_000_000),
  CHAT_RATE_STREAM: count(20, 1, 1_000_000_000),
});

/** The configuration of this process, read once. */
export const config = parseConfig(process.env);
