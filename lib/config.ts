import * as v from "valibot";
import { Settings } from "./config-schema.js";
import type { LogLevel } from "./logger.js";
import { defaultPrefix } from "./preview-prefix.js";

/** A user of the host application. */
export type User = {
  /** The user's entity in the chat; must never change. */
  id: string;
  displayName?: string | null | undefined;
  /** URL of a picture. */
  image?: string | null | undefined;
  /** URL of a profile page. */
  url?: string | null | undefined;
  /** The users whom this user may address: entities, or prefixes ending in `*`; all users if absent. */
  contacts?: string[];
  /** Extension properties of the actor. */
  actor?: Record<string, unknown>;
};

/**
 * The settings of a chat. Each has an environment variable (README, "Deploy") or a default; options override the environment.
 *
 * @example createChat({ user: async (request) => session(request), origins: ["https://example.org"], guests: true })
 */
export type ChatOptions = {
  /** Returns the user of a request by the session of the host application; `undefined` or `null` for none. */
  user?: (request: Request) => User | null | undefined | Promise<User | null | undefined>;
  /** Upstash Redis over REST. `UPSTASH_REDIS_REST_URL` or `KV_REST_API_URL`. */
  redisUrl?: string;
  /** `UPSTASH_REDIS_REST_TOKEN` or `KV_REST_API_TOKEN`. */
  redisToken?: string;
  /** The path where the chat is mounted; `/nereid-chat` by default. `CHAT_BASE_PATH`. */
  basePath?: string;
  /** The beginning of every key, so that one database can serve several chats. By default `chat:`, in previews one for each branch. `CHAT_PREFIX`. */
  prefix?: string;
  /** Other origins whose pages may use the chat. `CHAT_ORIGINS`. */
  origins?: readonly string[];
  /** The cookie that may carry a session. `CHAT_SESSION_COOKIE`. */
  sessionCookie?: string;
  /** The secret that verifies sessions by HS256; at least 32 bytes. `CHAT_JWT_SECRET`. */
  jwtSecret?: string;
  /** The URL of a key set that verifies sessions. `CHAT_JWKS_URL`. */
  jwksUrl?: string;
  /** The issuer that sessions must have, if given. `CHAT_JWT_ISSUER`. */
  jwtIssuer?: string;
  /** The audience that sessions must have, if given. `CHAT_JWT_AUDIENCE`. */
  jwtAudience?: string;
  /** Whether to admit guests by a display name alone. `CHAT_GUESTS`. */
  guests?: boolean;
  /** The lifetime of a chat token, in seconds. `CHAT_TOKEN_TTL`. */
  tokenTtl?: number;
  /** Seconds for which a live stream is held. `CHAT_LIVE_SECONDS`. */
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
  /**
   * New guests a minute, per address and instance. Everybody behind one address shares it: a class, an office, the customers of a mobile
   * network. `CHAT_RATE_GUEST`.
   */
  rateGuest?: number;
  /** Stream requests a second, per user and instance. `CHAT_RATE_STREAM`. */
  rateStream?: number;
  /**
   * Whom users may reach who do not share a thread yet: `anyone`, or only the `contacts` that their session names. Invites and `contacts` are
   * not affected. `CHAT_REACH`.
   */
  reach?: "anyone" | "contacts";
  /** People an hour who can be reached for the first time, per user and instance; by a guest a tenth of that. `CHAT_RATE_REACH`. */
  rateReach?: number;
  /** What is logged: `silent`, `error`, or `info` with a line per request. `CHAT_LOG`. */
  log?: LogLevel;
};

export type Config = ReturnType<typeof parseConfig>;

/** Thrown when a chat is created, so that a wrong deployment names the setting to correct instead of failing with every request. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Parses the settings, by one schema for options and environment. Throws `ConfigError`, which names the first setting that is missing or
 * wrong: `Cannot read the environment: CHAT_TOKEN_TTL must be a whole number from 1 to 86400`.
 */
export function parseConfig(options: ChatOptions, environment: Readonly<Record<string, string | undefined>>) {
  const { user, ...rest } = options;
  const given: Readonly<Partial<Record<Name, unknown>>> = rest;
  if (user !== undefined && typeof user !== "function") throw wrong("options", "user must be a function");
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(VARIABLES, name));
  if (unknown !== undefined) throw wrong("options", `${unknown} is not a setting`);
  const values = Object.fromEntries(
    entries(VARIABLES).map(([name, variables]) => [name, given[name] ?? firstSet(environment, variables)]),
  );
  values.prefix ??= defaultPrefix(environment);
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
    rateGuest,
    rateStream,
    rateReach,
    ...others
  } = parsed.output;
  if (redisUrl === undefined) throw missing("reach Redis", "redisUrl", STORE_ADVICE);
  if (redisToken === undefined) throw missing("reach Redis", "redisToken", STORE_ADVICE);
  // A deployment that names no way to verify makes a secret of its own, which signs guests, too.
  const knowsUsers = user !== undefined || jwksUrl !== undefined;
  if (others.guests && jwtSecret === undefined && knowsUsers)
    throw missing("admit guests, whose sessions are signed", "jwtSecret");
  return {
    ...others,
    user,
    redis: { url: redisUrl.replace(/\/+$/, ""), token: redisToken },
    jwt: { secret: jwtSecret, jwks: jwksUrl, issuer: jwtIssuer, audience: jwtAudience },
    rate: { send: rateSend, token: rateToken, guest: rateGuest, stream: rateStream, reach: rateReach },
  };
}

type Name = keyof Omit<ChatOptions, "user"> | "store";

/** The environment variables of each setting; the first one that is set counts. */
export const VARIABLES: Readonly<Record<Name, readonly string[]>> = {
  redisUrl: ["UPSTASH_REDIS_REST_URL", "KV_REST_API_URL"],
  redisToken: ["UPSTASH_REDIS_REST_TOKEN", "KV_REST_API_TOKEN"],
  /** What `health` calls the store; `local` for the local server. */
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
  rateGuest: ["CHAT_RATE_GUEST"],
  rateStream: ["CHAT_RATE_STREAM"],
  reach: ["CHAT_REACH"],
  rateReach: ["CHAT_RATE_REACH"],
  log: ["CHAT_LOG"],
};

function firstSet(environment: Readonly<Record<string, string | undefined>>, variables: readonly string[]) {
  return variables.map((name) => environment[name]).find((value) => value !== undefined);
}

function refusal(issue: v.BaseIssue<unknown>, given: object): ConfigError {
  const name = entries(VARIABLES).find(([it]) => it === issue.path?.[0]?.key)?.[0] ?? "store";
  if (Reflect.get(given, name) !== undefined) return wrong("options", `${name} ${issue.message}`);
  return wrong("environment", `${VARIABLES[name].join(" or ")} ${issue.message}`);
}

const STORE_ADVICE =
  ". On Vercel, connect Upstash for Redis in the Storage tab of the project; elsewhere, create a database at https://console.upstash.com and copy its REST URL and token";

function missing(what: string, name: Name, advice = ""): ConfigError {
  const [first, other] = VARIABLES[name];
  const variable = other === undefined ? first : `${first} (or ${other})`;
  return new ConfigError(`Cannot ${what}: ${variable}, or the option ${name}, is missing${advice}`);
}

function wrong(source: "options" | "environment", message: string): ConfigError {
  return new ConfigError(`Cannot read the ${source}: ${message}`);
}

function entries<Key extends string, Value>(record: Readonly<Record<Key, Value>>): [Key, Value][] {
  const all: [Key, Value][] = [];
  for (const key in record) all.push([key, record[key]]);
  return all;
}
