import type { LogLevel } from "./logger.js";

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
  /** `moderator` for a user who reads and resolves reports. */
  role?: "moderator" | undefined;
  /** Extension properties of the actor. */
  actor?: Record<string, unknown>;
};

/** A message before it is accepted: what its sender sent, as PROFILE §5 describes it, without what the server adds. */
export type Draft = {
  message: Record<string, unknown>;
  sender: Record<string, unknown>;
  thread: string | undefined;
  edit: boolean;
};

/** What is to become of a message: it is accepted as it is, or changed, or refused with a reason that its sender is shown. */
export type Verdict = Record<string, unknown> | { refuse: string } | undefined;

export type BeforeSend = (draft: Draft) => Verdict | Promise<Verdict>;

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
  /** Seconds for which a live stream is held; more than 295 need a longer `maxDuration`. `CHAT_LIVE_SECONDS`. */
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
  /** The URL of the host's server that is told what happens (docs/webhooks.md). `CHAT_WEBHOOK_URL`. */
  webhookUrl?: string;
  /** Signs what is told: `whsec_` and base64; by default made from `jwtSecret`. `CHAT_WEBHOOK_SECRET`. */
  webhookSecret?: string;
  /** Whether webhooks and hooks may go to private addresses, and without TLS. `CHAT_WEBHOOK_PRIVATE`. */
  webhookPrivate?: boolean;
  /** Minutes after which the host's server is told who has not read a message; 0 for never. `CHAT_UNREAD_AFTER`. */
  unreadAfter?: number;
  /** Is asked before a message is accepted, for at most a second: returns the message, perhaps changed, or why it is refused. */
  beforeSend?: BeforeSend;
  /** The URL of the host's server that is asked before a message is accepted (docs/webhooks.md). `CHAT_BEFORE_URL`. */
  beforeUrl?: string;
  /** Whether messages are accepted (`open`) or refused (`closed`) while the one who is asked before fails. `CHAT_BEFORE_FAILS`. */
  beforeFails?: "open" | "closed";
  /** The secret of `GET cron`, which Vercel sends. `CRON_SECRET`. */
  cronSecret?: string;
  /** Whether the server reads the titles of pages that users link to; on by default. `CHAT_PREVIEWS`. */
  previews?: boolean;
  /** What is logged: `silent`, `error`, or `info` with a line per request. `CHAT_LOG`. */
  log?: LogLevel;
};
