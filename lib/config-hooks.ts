import { createHmac } from "node:crypto";
import { isIP } from "node:net";
import { ConfigError } from "./config-error.js";
import { isLoopback, isPrivate } from "./private-address.js";

/** Where requests of the server may go besides the public internet: nowhere, to this machine, or to any address. */
export type Reachable = "public" | "loopback" | "any";

/** The settings of what the host's server is told and asked. */
export type HookSettings = {
  /** Where it is told what happened; undefined if nowhere. */
  webhook: Target | undefined;
  /** Where it is asked before a message is accepted. */
  before: Target | undefined;
  beforeFails: "open" | "closed";
  unreadMs: number;
};

/** A URL of the host's server, the secret that signs what is posted there, and where the connection may go. */
export type Target = { url: string; secret: string; reachable: Reachable };

type Given = {
  webhookUrl: string | undefined;
  webhookSecret: string | undefined;
  webhookPrivate: boolean;
  beforeUrl: string | undefined;
  beforeFails: "open" | "closed";
  unreadAfter: number;
  jwtSecret: string | undefined;
  store: "upstash" | "local";
};

/** Parses the settings of webhooks and hooks. Throws `ConfigError` for an address that they must not reach, and for a secret that is missing. */
export function parseHooks(given: Given): HookSettings {
  const { webhookUrl, beforeUrl, webhookPrivate, store } = given;
  const reachable: Reachable = webhookPrivate ? "any" : store === "local" ? "loopback" : "public";
  const target = (variable: string, url: string | undefined) => {
    if (url === undefined) return undefined;
    checkUrl(variable, url, reachable);
    return { url, secret: secretOf(given), reachable };
  };
  return {
    webhook: target("CHAT_WEBHOOK_URL", webhookUrl),
    before: target("CHAT_BEFORE_URL", beforeUrl),
    beforeFails: given.beforeFails,
    unreadMs: given.unreadAfter * 60_000,
  };
}

function checkUrl(variable: string, url: string, reachable: Reachable): void {
  const { protocol, hostname, username, password } = new URL(url);
  if (username !== "" || password !== "") throw refused(variable, "must not contain a user or a password");
  const host = hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) !== 0 && !isReachable(host, reachable))
    throw refused(variable, `must not be the private address ${host}`);
  if (protocol !== "https:" && reachable === "public") throw refused(variable, "must start with https");
}

/** Whether a request of the server may go to an IP address. */
export function isReachable(address: string, reachable: Reachable): boolean {
  if (reachable === "any" || (reachable === "loopback" && isLoopback(address))) return true;
  return !isPrivate(address);
}

function refused(variable: string, why: string): ConfigError {
  const advice = "; CHAT_WEBHOOK_PRIVATE=1 allows private addresses, and http";
  return new ConfigError(`Cannot read the environment: ${variable} ${why}${advice}`);
}

/** Without a secret of its own, one that is derived from that of the sessions: one secret less to copy, and neither reveals the other. */
function secretOf({ webhookSecret, jwtSecret }: Given): string {
  if (webhookSecret !== undefined) return webhookSecret;
  if (jwtSecret !== undefined) return deriveSecret(jwtSecret);
  throw new ConfigError("Cannot sign webhooks: CHAT_WEBHOOK_SECRET, or the option webhookSecret, is missing");
}

/** Derives the secret that signs webhooks from that which verifies sessions: HMAC-SHA256 of "nereid-chat webhooks", as `whsec_` and base64. */
export function deriveSecret(jwtSecret: string): string {
  return `whsec_${createHmac("sha256", jwtSecret).update("nereid-chat webhooks").digest("base64")}`;
}
