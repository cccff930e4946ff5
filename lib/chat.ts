import { randomBytes } from "node:crypto";
import { BanCache } from "./auth/ban-cache.js";
import { GrantCache } from "./auth/grant-cache.js";
import { KeptSecret } from "./auth/kept-secret.js";
import { SecretMark } from "./auth/secret-mark.js";
import { Sessions } from "./auth/session.js";
import { YoungTokens } from "./auth/young-tokens.js";
import { LinkPreviews } from "./chat/link-preview.js";
import { createCaches } from "./chat/thread.js";
import { type ChatOptions, type Config, parseConfig } from "./config.js";
import { countingLogger } from "./counting-logger.js";
import { ENDPOINTS } from "./endpoints.js";
import { createStorage } from "./files/storage.js";
import { createAsk } from "./hooks/before-send.js";
import { Draining } from "./hooks/draining.js";
import type { ChatContext } from "./http/chat-context.js";
import { LastFrame } from "./http/event-stream.js";
import { OpenStreams } from "./http/open-streams.js";
import { RateLimits } from "./http/rate-limit.js";
import { createTimings, type RequestTimings } from "./http/request-log.js";
import { createRouter } from "./http/route.js";
import { Horizon, type Log, Nonces, OutboxBell, PushBell } from "./log/log.js";
import { Tail } from "./log/tail.js";
import { ThreadCounts } from "./log/thread-counts.js";
import { createLogger } from "./logger.js";
import { Metrics } from "./metrics.js";
import { createIntroduced } from "./people/profiles.js";
import { DeliveryReceipts } from "./presence/delivery-receipts.js";
import { LeaseRenewal } from "./presence/lease-renewal.js";
import { KnownRosters } from "./presence/roster-stanza.js";
import { PushKeys } from "./push/push-keys.js";
import { createKeys } from "./store/keys.js";
import { type CallKind, Store } from "./store/redis.js";

/** A chat, which responds to requests. Several chats can exist in one process; they share nothing. */
export type Chat = {
  /** Responds to a request to any path of the chat. Never rejects. */
  fetch(request: Request): Promise<Response>;
  /** Responds to a request of the application itself: to those below `/server` it needs no credential. Never rejects. */
  ask(request: Request): Promise<Response>;
  /** Ends held polls with empty answers, and closes the wire and the connections to the store. What that cuts short is not logged. */
  close(): void;
};

/**
 * Creates a chat. Each option has an environment variable or a default; options override the environment. No connection is opened before the
 * first request. Throws `ConfigError`, which names a setting that is missing or wrong.
 *
 * @example
 * const chat = createChat({ user: async (request) => session(request) });
 * const response = await chat.fetch(request);
 */
export function createChat(
  options: ChatOptions = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Chat {
  const context = compose(parseConfig(options, environment));
  const fetch = createRouter(context, ENDPOINTS);
  return {
    fetch,
    ask(request) {
      context.inside.add(request);
      return fetch(request);
    },
    close() {
      context.reads.flush();
      context.tail.close();
      context.webhooks?.close();
      context.pushing?.close();
      context.store.close();
    },
  };
}

/** Builds the parts of a chat, from the store upwards. */
export function compose(config: Config): ChatContext {
  const filesSecret = config.jwt.secret ?? randomBytes(32).toString("base64url");
  const timings = config.log === "info" ? createTimings() : undefined;
  const log = createLog(config, filesSecret, timings);
  const webhooks = createWebhooks(log);
  const pushKeys = new PushKeys(log);
  const pushing = createPushing(log, pushKeys);
  const keptSecret = new KeptSecret(log);
  const receipts = new DeliveryReceipts();
  const leases = new LeaseRenewal(log, receipts);
  const grants = new GrantCache();
  const bans = new BanCache();
  const caches = createCaches();
  const introduced = createIntroduced();
  const forget = () => {
    bans.doubt();
    caches.directs.clear();
    introduced.clear();
  };
  const tail = new Tail(log, {
    revoked(revocation, ban) {
      grants.forget(revocation);
      if (revocation === "all") forget();
      if (ban !== undefined) bans.note(ban);
    },
    readClock(held, memory) {
      webhooks?.look(Date.now());
      if (log.pushes?.isUsed) pushing?.look(Date.now());
      return leases.readClock(held, memory);
    },
    isDue: (now) => leases.isDue(now),
  });
  return {
    ...log,
    ...caches,
    ...{ tail, introduced, grants, bans, leases, receipts, timings, webhooks, pushing, filesSecret },
    ask: createAsk(config, log.logger),
    rosters: new KnownRosters(),
    sessions: new Sessions(config, keptSecret),
    keptSecret,
    secretMark: new SecretMark(config),
    pushKeys,
    young: new YoungTokens(),
    inside: new WeakSet(),
    limits: new RateLimits(config.rate),
    open: new OpenStreams(),
    lastFrame: new LastFrame(),
    previews: new LinkPreviews(),
  };
}

/** Builds what the other parts stand on: the store, what is written to it, and what that rings. */
function createLog(config: Config, filesSecret: string, timings: RequestTimings | undefined): Log {
  const metrics = new Metrics();
  const logger = countingLogger(
    createLogger(config.log, undefined, () => store.isClosed),
    metrics,
  );
  const store: Store = new Store({ ...config.redis, logger, observe: observer(metrics, timings) });
  const { storage } = config.files;
  return {
    ...{ config, logger, metrics, store },
    keys: createKeys(config.prefix),
    outbox: config.hooks.webhook && new OutboxBell(),
    pushes: config.push && new PushBell(),
    storage: storage && createStorage(storage, config.basePath, filesSecret),
    ...{ horizon: new Horizon(), nonces: new Nonces(), threadCounts: new ThreadCounts() },
  };
}

/** Returns what drains the outbox of webhooks, if there are any. It is loaded when something is to be sent. */
function createWebhooks(log: Log): Draining | undefined {
  const { webhook, unreadMs } = log.config.hooks;
  if (webhook === undefined) return undefined;
  const load = async () => new (await import("./hooks/drainer.js")).Drainer(log, webhook, unreadMs);
  const webhooks = new Draining(log, "webhooks_failed", load);
  log.outbox?.listen(() => webhooks.wake());
  return webhooks;
}

/** Returns what drains the outbox of pushes, if there are any. It is loaded when something is to be sent. */
function createPushing(log: Log, pushKeys: PushKeys): Draining | undefined {
  if (log.pushes === undefined) return undefined;
  const load = async () => new (await import("./push/push-rounds.js")).PushRounds(log, pushKeys);
  const pushing = new Draining(log, "pushes_failed", load);
  log.pushes.listen(() => pushing.wake());
  return pushing;
}

/** Counts what the store is asked, and adds the time that it takes to the timing of the request that waits for it. */
function observer(metrics: Metrics, timings: RequestTimings | undefined) {
  return (ms: number, kind: CallKind) => {
    metrics.count("store", [kind]);
    metrics.observe("store", ms);
    const timing = timings?.getStore();
    if (timing !== undefined) timing.store += ms;
  };
}
