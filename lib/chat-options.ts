import type { LogLevel } from "./logger.js";

/** A user of the host application. */
export type User = {
  /** The user's entity in the chat, 1–255 characters; must never change. */
  id: string;
  displayName?: string | null | undefined;
  /** URL of a picture. */
  image?: string | null | undefined;
  /** URL of a profile page. */
  url?: string | null | undefined;
  /** The users whom this user may address: entities, or prefixes ending in `*`; all users if absent. */
  contacts?: string[];
  /** `moderator` for a user who reads and resolves reports. */
  role?: "moderator" | undefined;
  /** Extension properties of the actor. */
  actor?: Record<string, unknown>;
};

/** A message before it is accepted. */
export type Draft = {
  /** What its sender sent, as PROFILE §5 describes it, without what the server adds. */
  message: { id?: string; subject?: string; text?: string; [property: string]: unknown };
  sender: { id: string; displayName?: string; [property: string]: unknown };
  /** Undefined for a message to users, whose thread is found or created once it is accepted. */
  thread: string | undefined;
  /** Whether this is the correction of a message: then `message` is what it would become. */
  edit: boolean;
};

/**
 * What is to become of a message: `undefined` or `null` accepts it as it is, a message takes the place of its content, and `refuse` is the
 * reason that its sender is shown, of up to 500 characters.
 */
export type Verdict = Record<string, unknown> | { refuse: string } | null | undefined;

/** Decides on a message before it is accepted, within a second. */
export type BeforeSend = (draft: Draft) => Verdict | Promise<Verdict>;

/**
 * The settings of a chat. Each has an environment variable (docs/configuration.md) or a default; options override the environment.
 *
 * @example createChat({ user: async (request) => session(request), origins: ["https://example.org"], guests: true })
 */
export type ChatOptions = {
  /** Returns the user of a request by the session of the host application; `undefined` or `null` for none. */
  user?: (request: Request) => User | null | undefined | Promise<User | null | undefined>;
  /** The Redis database: its REST URL at Upstash. `UPSTASH_REDIS_REST_URL` or `KV_REST_API_URL`. */
  redisUrl?: string;
  /** The token that reads and writes this database. `UPSTASH_REDIS_REST_TOKEN` or `KV_REST_API_TOKEN`. */
  redisToken?: string;
  /** The path where the chat is mounted. `CHAT_BASE_PATH`. */
  basePath?: string;
  /**
   * The beginning of every key, so that several chats can share a database. Outside of production on Vercel, the default is one for each
   * branch. `CHAT_PREFIX`.
   */
  prefix?: string;
  /**
   * Other origins whose pages may use the chat, in the variable separated by commas; `https://*.example.org` stands for each origin with one
   * label in place of the star. `CHAT_ORIGINS`.
   */
  origins?: readonly string[];
  /** The name of the cookie that may carry a session. `CHAT_SESSION_COOKIE`. */
  sessionCookie?: string;
  /** Verifies the sessions that your back end signs (HS256), and signs those of guests; at least 32 bytes. `CHAT_JWT_SECRET`. */
  jwtSecret?: string;
  /** The URL of the key set of an identity provider, whose sessions are accepted. `CHAT_JWKS_URL`. */
  jwksUrl?: string;
  /** The issuer that sessions must name. `CHAT_JWT_ISSUER`. */
  jwtIssuer?: string;
  /**
   * The audience that sessions must name. Set it if the secret or the key set has other uses: without it, any token of yours with `sub` and
   * `exp` is a session. `CHAT_JWT_AUDIENCE`.
   */
  jwtAudience?: string;
  /** Admits guests by a display name alone; `npm start` does. `CHAT_GUESTS`. */
  guests?: boolean;
  /** The lifetime of a chat token, in seconds. `CHAT_TOKEN_TTL`. */
  tokenTtl?: number;
  /**
   * For how many seconds a live stream is held open. Keep it below the `maxDuration` of the function, which is 300 unless you raise it.
   * `CHAT_LIVE_SECONDS`.
   */
  liveSeconds?: number;
  /**
   * After how many seconds without an event a client is advised to poll every 45 s only, so that idle users keep no instance awake; 0 for
   * never. A page in view ignores the advice. `CHAT_IDLE_AFTER`.
   */
  idleAfter?: number;
  /** How many messages each thread keeps. `CHAT_HISTORY`. */
  history?: number;
  /** How many members a room may have. `CHAT_ROOM_MAX`. */
  roomMax?: number;
  /** Writes a second, for each user and instance. `CHAT_RATE_SEND`. */
  rateSend?: number;
  /** Chat tokens a minute, for each user and instance. `CHAT_RATE_TOKEN`. */
  rateToken?: number;
  /**
   * New guests a minute, for each address and instance. A class, an office or a mobile network is one address: more lets a crowd in at once,
   * less slows down those who make guests in bulk. All guests of an address together have twenty times as many writes, and as many reads, a
   * minute. `CHAT_RATE_GUEST`.
   */
  rateGuest?: number;
  /** Stream requests a second, for each user and instance. `CHAT_RATE_STREAM`. */
  rateStream?: number;
  /**
   * Whom users may write to, or add, without a thread in common: `anyone`, or only the `contacts` that their session names. Invites work with
   * both. `CHAT_REACH`.
   */
  reach?: "anyone" | "contacts";
  /** How many people a user may reach for the first time in an hour, on each instance; a guest a tenth of that. `CHAT_RATE_REACH`. */
  rateReach?: number;
  /** The URL of your server that receives [webhooks](webhooks.md). `CHAT_WEBHOOK_URL`. */
  webhookUrl?: string;
  /** Signs webhooks: `whsec_` and at least 24 bytes in base64. By default it is derived from `CHAT_JWT_SECRET`. `CHAT_WEBHOOK_SECRET`. */
  webhookSecret?: string;
  /** Lets webhooks and hooks go to private addresses, and over plain http. `CHAT_WEBHOOK_PRIVATE`. */
  webhookPrivate?: boolean;
  /** After how many minutes `message.unread` reports a message that was not read; 0 for never. `CHAT_UNREAD_AFTER`. */
  unreadAfter?: number;
  /** Is asked before a message is accepted, for at most a second: returns the message, perhaps changed, or why it is refused. */
  beforeSend?: BeforeSend;
  /** The URL of your server that is [asked before a message is accepted](webhooks.md#being-asked). `CHAT_BEFORE_URL`. */
  beforeUrl?: string;
  /** Whether messages are accepted (`open`) or refused (`closed`) while that server does not answer. `CHAT_BEFORE_FAILS`. */
  beforeFails?: "open" | "closed";
  /** Whether users can have [pushes](push.md) when no page is open; on by default, and it costs nothing until somebody does. `CHAT_PUSH`. */
  push?: boolean;
  /** The public VAPID key (RFC 8292), in base64url. By default, the deployment makes a pair of keys and keeps it in the store. `CHAT_PUSH_PUBLIC_KEY`. */
  pushPublicKey?: string;
  /** The private key of the pair. `CHAT_PUSH_PRIVATE_KEY`. */
  pushPrivateKey?: string;
  /** How a push service reaches you: a `mailto:` or `https:` URL. By default, the address of the deployment on Vercel, else that of this project. `CHAT_PUSH_SUBJECT`. */
  pushSubject?: string;
  /** The secret of `GET cron`. Vercel sends it with each scheduled request when it is set. `CRON_SECRET`. */
  cronSecret?: string;
  /** Whether the server reads the titles of pages that users link to; on by default. `CHAT_PREVIEWS`. */
  previews?: boolean;
  /** How large a file may be that is sent with a message, in bytes. `CHAT_FILE_MAX`. */
  fileMax?: number;
  /** Which media types such a file may have, in the variable separated by commas: `image/png`, `image/*`; all unless told. `CHAT_FILE_TYPES`. */
  fileTypes?: readonly string[];
  /** The folder of this machine that keeps files, for one server with a disk. A bucket, if there is one, is used instead. `CHAT_FILES_FOLDER`. */
  filesFolder?: string;
  /** The endpoint of the S3-compatible storage that keeps files. `CHAT_S3_ENDPOINT`. */
  s3Endpoint?: string;
  /** The bucket that keeps files; none but signed requests may read it. `CHAT_S3_BUCKET`. */
  s3Bucket?: string;
  /** The region of the bucket. `CHAT_S3_REGION`. */
  s3Region?: string;
  /** The key that reads, writes and deletes the objects of the bucket. `CHAT_S3_ACCESS_KEY_ID`. */
  s3AccessKeyId?: string;
  /** The secret of that key. `CHAT_S3_SECRET_ACCESS_KEY`. */
  s3SecretAccessKey?: string;
  /** Whether the bucket is asked to write nothing over, by `If-None-Match: *`; by default where the endpoint is that of AWS or R2. `CHAT_S3_WRITE_ONCE`. */
  s3WriteOnce?: boolean;
  /** The token of the private store of Vercel Blob that keeps files, if there is neither a bucket nor a folder for them. Empty: no file is kept there. `CHAT_BLOB_READ_WRITE_TOKEN` or `BLOB_READ_WRITE_TOKEN`. */
  blobToken?: string;
  /** The id of that store, where a deployment on Vercel has no token for it: it identifies itself by OIDC. `CHAT_BLOB_STORE_ID` or `BLOB_STORE_ID`. */
  blobStoreId?: string;
  /** What is logged: `error` has a JSON line for each failed request and notable event, `info` one for each request. `CHAT_LOG`. */
  log?: LogLevel;
};
