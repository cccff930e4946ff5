import * as v from "valibot";
import type { LogLevel } from "./logger.js";

/** A user of the host application. */
export type User = {
  /** Stable for ever: the user's entity in the chat. */
  id: string;
  displayName?: string;
  /** URL of a picture. */
  image?: string;
  /** URL of a profile page. */
  url?: string;
  /** Entities, or prefixes ending in `*`, whom the user may address; everybody when absent. */
  contacts?: string[];
  /** Extension properties of the actor. */
  actor?: Record<string, unknown>;
};

/**
 * The settings of a chat. Each has a variable of the environment (docs: README, "Deploy") or a default; what is given here wins.
 *
 * @example createChat({ user: async (request) => session(request), origins: ["https://example.org"], guests: true })
 */
export type ChatOptions = {
  /** The session of the host application: the user who is asking; `undefined` or `null` for nobody. */
  user?: (request: Request) => User | null | undefined | Promise<User | null | undefined>;
  /** Upstash Redis over REST. `UPSTASH_REDIS_REST_URL` or `KV_REST_API_URL`. */
  redisUrl?: string;
  /** `UPSTASH_REDIS_REST_TOKEN` or `KV_REST_API_TOKEN`. */
  redisToken?: string;
  /** Where the chat is mounted; `/nereid-chat` unless given. `CHAT_BASE_PATH`. */
  basePath?: string;
  /** Begins every key, so that one database can serve several chats. `CHAT_PREFIX`. */
  prefix?: string;
  /** Origins whose pages may use the chat from elsewhere. `CHAT_ORIGINS`. */
  origins?: readonly string[];
  /** The cookie that may carry a session. `CHAT_SESSION_COOKIE`. */
  sessionCookie?: string;
  /** Verifies sessions by HS256; at least 32 bytes. `CHAT_JWT_SECRET`. */
  jwtSecret?: string;
  /** Verifies sessions by a key set. `CHAT_JWKS_URL`. */
  jwksUrl?: string;
  /** Required of sessions when given. `CHAT_JWT_ISSUER`. */
  jwtIssuer?: string;
  /** Required of sessions when given. `CHAT_JWT_AUDIENCE`. */
  jwtAudience?: string;
  /** Admits people by a display name alone. `CHAT_GUESTS`. */
  guests?: boolean;
  /** Seconds that a chat token lives. `CHAT_TOKEN_TTL`. */
  tokenTtl?: number;
  /** Seconds that a live stream is held. `CHAT_LIVE_SECONDS`. */
  liveSeconds?: number;
  /** Seconds without an event after which clients are advised to poll less often; 0 for never. `CHAT_IDLE_AFTER`. */
  idleAfter?: number;
  /** Messages kept per thread. `CHAT_HISTORY`. */
  history?: number;
  /** Members that a room may have. `CHAT_ROOM_MAX`. */
  roomMax?: number;
  /** Writes a second, per user and instance. `CHAT_RATE_SEND`. */
  rateSend?: number;
  /** Tokens a minute, per user and instance. `CHAT_RATE_TOKEN`. */
  rateToken?: number;
  /** Stream requests a second, per user and instance. `CHAT_RATE_STREAM`. */
  rateStream?: number;
  /** What is logged: `silent`, `error`, or `info` for a line per request. `CHAT_LOG`. */
  log?: LogLevel;
};

export type Config = ReturnType<typeof parseConfig>;

/** Thrown when a chat is made, so that a wrong deployment says which setting to mend instead of failing request by request. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Parses settings, by one schema for options and environment. Throws `ConfigError`, which names the first setting that is missing or
 * wrong: `Cannot read the environment: CHAT_TOKEN_TTL must be a whole number from 1 to 86400`.
 */
export function parseConfig(options: ChatOptions, environment: Readonly<Record<string, string | undefined>>) {
  const { user, ...rest } = options;
  const given: Readonly<Partial<Record<Name, unknown>>> = rest;
  if (user !== undefined && typeof user !== "function") throw wrong("options", "user must be a function");
  const unknown = Object.keys(given).find((name) => !(name in VARIABLES));
  if (unknown !== undefined) throw wrong("options", `${unknown} is not a setting`);
  const values = Object.fromEntries(
    entries(VARIABLES).map(([name, variables]) => [name, given[name] ?? read(environment, variables)]),
  );
  const parsed = v.safeParse(Settings, values);
  if (!parsed.success) throw refusal(parsed.issues[0], given);
  const {
    redisUrl,
    redisToken,
    jwtSecret,
    jwksUrl,
    jwtIssuer,
    jwtAudience,
    rateSend,
    rateToken,
    rateStream,
    ...others
  } = parsed.output;
  if (redisUrl === undefined) throw missing("reach Redis", "redisUrl");
  if (redisToken === undefined) throw missing("reach Redis", "redisToken");
  if (others.guests && jwtSecret === undefined) throw missing("admit guests, whose sessions are signed", "jwtSecret");
  return {
    ...others,
    user,
    redis: { url: redisUrl.replace(/\/+$/, ""), token: redisToken },
    jwt: { secret: jwtSecret, jwks: jwksUrl, issuer: jwtIssuer, audience: jwtAudience },
    rate: { send: rateSend, token: rateToken, stream: rateStream },
  };
}

type Name = keyof Omit<ChatOptions, "user"> | "store";

/** The variables of each setting; the first that is set counts. */
const VARIABLES: Readonly<Record<Name, readonly string[]>> = {
  redisUrl: ["UPSTASH_REDIS_REST_URL", "KV_REST_API_URL"],
  redisToken: ["UPSTASH_REDIS_REST_TOKEN", "KV_REST_API_TOKEN"],
  /** What `health` calls the store; the local server says `local`. */
  store: ["CHAT_STORE"],
  basePath: ["CHAT_BASE_PATH"],
  prefix: ["CHAT_PREFIX"],
  origins: ["CHAT_ORIGINS"],
  sessionCookie: ["CHAT_SESSION_COOKIE"],
  jwtSecret: ["CHAT_JWT_SECRET"],
  jwksUrl: ["CHAT_JWKS_URL"],
  jwtIssuer: ["CHAT_JWT_ISSUER"],
  jwtAudience: ["CHAT_JWT_AUDIENCE"],
  guests: ["CHAT_GUESTS"],
  tokenTtl: ["CHAT_TOKEN_TTL"],
  liveSeconds: ["CHAT_LIVE_SECONDS"],
  idleAfter: ["CHAT_IDLE_AFTER"],
  history: ["CHAT_HISTORY"],
  roomMax: ["CHAT_ROOM_MAX"],
  rateSend: ["CHAT_RATE_SEND"],
  rateToken: ["CHAT_RATE_TOKEN"],
  rateStream: ["CHAT_RATE_STREAM"],
  log: ["CHAT_LOG"],
};

const text = v.pipe(v.string("must be a string"), v.trim());
const setting = v.optional(v.pipe(text, v.minLength(1, "must not be empty")));
const httpUrl = v.optional(v.pipe(text, v.url("must be a URL"), v.regex(/^https?:/i, "must start with http or https")));
const flag = v.optional(
  v.union(
    [
      v.boolean(),
      v.pipe(
        text,
        v.picklist(["", "0", "1"]),
        v.transform((it) => it === "1"),
      ),
    ],
    "must be 0 or 1",
  ),
  false,
);
const Origin = v.pipe(
  text,
  v.regex(/^https?:\/\/[^/]+$/i, "must list origins such as https://example.org"),
  v.toLowerCase(),
);

function count(fallback: number, min: number, max: number) {
  const range = `must be a whole number from ${min} to ${max}`;
  const digits = v.pipe(text, v.regex(/^\d{1,15}$/, range), v.transform(Number));
  return v.optional(
    v.pipe(v.union([v.number(), digits], range), v.safeInteger(range), v.minValue(min, range), v.maxValue(max, range)),
    fallback,
  );
}

const Settings = v.object({
  redisUrl: httpUrl,
  redisToken: setting,
  store: v.optional(v.picklist(["upstash", "local"], "must be upstash or local"), "upstash"),
  basePath: v.optional(
    v.pipe(text, v.regex(/^(\/[\w.~-]+)+$/, "must be a path such as /nereid-chat, without a slash at its end")),
    "/nereid-chat",
  ),
  prefix: v.optional(v.pipe(text, v.regex(/^[A-Za-z0-9:_-]{0,32}$/, "must be up to 32 of A-Z a-z 0-9 : _ -")), "chat:"),
  origins: v.optional(
    v.pipe(
      v.union(
        [
          v.array(v.string()),
          v.pipe(
            text,
            v.transform((it) => it.split(/[\s,]+/).filter((origin) => origin !== "")),
          ),
        ],
        "must be a list of origins",
      ),
      v.array(Origin),
      v.transform((origins): ReadonlySet<string> => new Set(origins)),
    ),
    "",
  ),
  sessionCookie: v.optional(v.pipe(text, v.regex(/^[\w.-]{1,64}$/, "must be a cookie name")), "chat_session"),
  // RFC 7518 §3.2: an HS256 key has at least 256 bits.
  jwtSecret: v.optional(v.pipe(v.string("must be a string"), v.minBytes(32, "must have at least 32 bytes"))),
  jwksUrl: httpUrl,
  jwtIssuer: setting,
  jwtAudience: setting,
  guests: flag,
  tokenTtl: count(3_600, 1, 86_400),
  // The function may run for 300 s; five are kept back so that a response ends by its own deadline.
  liveSeconds: count(240, 1, 295),
  idleAfter: count(600, 0, 86_400),
  history: count(10_000, 1, 1_000_000),
  roomMax: count(10_000, 2, 10_000),
  rateSend: count(10, 1, 1_000_000_000),
  rateToken: count(10, 1, 1_000_000_000),
  rateStream: count(20, 1, 1_000_000_000),
  log: v.optional(v.picklist(["silent", "error", "info"], "must be silent, error or info"), "error"),
});

function read(environment: Readonly<Record<string, string | undefined>>, variables: readonly string[]) {
  return variables.map((name) => environment[name]).find((value) => value !== undefined);
}

function refusal(issue: v.BaseIssue<unknown>, given: object): ConfigError {
  const name = entries(VARIABLES).find(([it]) => it === issue.path?.[0]?.key)?.[0] ?? "store";
  if (name in given) return wrong("options", `${name} ${issue.message}`);
  return wrong("environment", `${VARIABLES[name].join(" or ")} ${issue.message}`);
}

function missing(what: string, name: Name): ConfigError {
  const [first, other] = VARIABLES[name];
  const variable = other === undefined ? first : `${first} (or ${other})`;
  return new ConfigError(`Cannot ${what}: ${variable}, or the option ${name}, is missing`);
}

function wrong(source: "options" | "environment", message: string): ConfigError {
  return new ConfigError(`Cannot read the ${source}: ${message}`);
}

function entries<Key extends string, Value>(record: Readonly<Record<Key, Value>>): [Key, Value][] {
  const all: [Key, Value][] = [];
  for (const key in record) all.push([key, record[key]]);
  return all;
}
