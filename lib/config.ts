import * as v from "valibot";
import type { ChatOptions } from "./chat-options.js";
import { ConfigError } from "./config-error.js";
import { parseFiles } from "./config-files.js";
import { parseHooks } from "./config-hooks.js";
import { defaultSubject, parsePush } from "./config-push.js";
import { Settings } from "./config-schema.js";
import { defaultPrefix } from "./preview-prefix.js";

export type { BeforeSend, ChatOptions, Draft, User, Verdict } from "./chat-options.js";
export { ConfigError } from "./config-error.js";

export type Config = ReturnType<typeof parseConfig>;

/**
 * Parses the settings, by one schema for options and environment. Throws `ConfigError`, which names the first setting that is missing or
 * wrong: `Cannot read the environment: CHAT_TOKEN_TTL must be a whole number from 1 to 86400`.
 */
export function parseConfig(options: ChatOptions, environment: Readonly<Record<string, string | undefined>>) {
  const { user, beforeSend, ...rest } = options;
  const given: Readonly<Partial<Record<Name, unknown>>> = rest;
  if (user !== undefined && typeof user !== "function") throw wrong("options", "user must be a function");
  if (beforeSend !== undefined && typeof beforeSend !== "function")
    throw wrong("options", "beforeSend must be a function");
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(VARIABLES, name));
  if (unknown !== undefined) throw wrong("options", `${unknown} is not a setting`);
  const values = Object.fromEntries(
    entries(VARIABLES).map(([name, variables]) => [name, given[name] ?? firstSet(environment, variables)]),
  );
  values.prefix ??= defaultPrefix(environment);
  values.pushSubject ??= defaultSubject(environment);
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
    webhookUrl,
    webhookSecret,
    webhookPrivate,
    beforeUrl,
    beforeFails,
    unreadAfter,
    fileMax,
    fileTypes,
    filesFolder,
    s3Endpoint,
    s3Bucket,
    s3Region,
    s3AccessKeyId,
    s3SecretAccessKey,
    s3WriteOnce,
    blobToken,
    blobStoreId,
    push,
    pushPublicKey,
    pushPrivateKey,
    pushSubject,
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
    beforeSend,
    hooks: parseHooks({
      webhookUrl,
      webhookSecret,
      webhookPrivate,
      beforeUrl,
      beforeFails,
      unreadAfter,
      jwtSecret,
      store: others.store,
    }),
    files: parseFiles({
      fileMax,
      fileTypes,
      filesFolder,
      s3Endpoint,
      s3Bucket,
      s3Region,
      s3AccessKeyId,
      s3SecretAccessKey,
      s3WriteOnce,
      blobToken,
      blobStoreId,
    }),
    push: parsePush({ push, pushPublicKey, pushPrivateKey, pushSubject, store: others.store }),
    redis: { url: redisUrl.replace(/\/+$/, ""), token: redisToken },
    jwt: { secret: jwtSecret, jwks: jwksUrl, issuer: jwtIssuer, audience: jwtAudience },
    rate: { send: rateSend, token: rateToken, guest: rateGuest, stream: rateStream, reach: rateReach },
  };
}

type Name = keyof Omit<ChatOptions, "user" | "beforeSend"> | "store";

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
  previews: ["CHAT_PREVIEWS"],
  webhookUrl: ["CHAT_WEBHOOK_URL"],
  webhookSecret: ["CHAT_WEBHOOK_SECRET"],
  webhookPrivate: ["CHAT_WEBHOOK_PRIVATE"],
  unreadAfter: ["CHAT_UNREAD_AFTER"],
  beforeUrl: ["CHAT_BEFORE_URL"],
  beforeFails: ["CHAT_BEFORE_FAILS"],
  push: ["CHAT_PUSH"],
  pushPublicKey: ["CHAT_PUSH_PUBLIC_KEY"],
  pushPrivateKey: ["CHAT_PUSH_PRIVATE_KEY"],
  pushSubject: ["CHAT_PUSH_SUBJECT"],
  cronSecret: ["CRON_SECRET"],
  fileMax: ["CHAT_FILE_MAX"],
  fileTypes: ["CHAT_FILE_TYPES"],
  filesFolder: ["CHAT_FILES_FOLDER"],
  s3Endpoint: ["CHAT_S3_ENDPOINT"],
  s3Bucket: ["CHAT_S3_BUCKET"],
  s3Region: ["CHAT_S3_REGION"],
  s3AccessKeyId: ["CHAT_S3_ACCESS_KEY_ID"],
  s3SecretAccessKey: ["CHAT_S3_SECRET_ACCESS_KEY"],
  s3WriteOnce: ["CHAT_S3_WRITE_ONCE"],
  blobToken: ["CHAT_BLOB_READ_WRITE_TOKEN", "BLOB_READ_WRITE_TOKEN"],
  blobStoreId: ["CHAT_BLOB_STORE_ID", "BLOB_STORE_ID"],
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
