import { createECDH } from "node:crypto";
import { ConfigError } from "./config-error.js";
import type { Reachable } from "./config-hooks.js";

/** A pair of VAPID keys (RFC 8292), both in base64url. */
export type PushKeyPair = { publicKey: string; privateKey: string };

/** The settings of pushes: the keys, undefined for those that the store keeps; how a push service reaches the operator; where endpoints may be. */
export type PushSettings = { keys: PushKeyPair | undefined; subject: string; reachable: Reachable };

type Given = {
  push: boolean;
  pushPublicKey: string | undefined;
  pushPrivateKey: string | undefined;
  pushSubject: string | undefined;
  store: "upstash" | "local";
};

// Some push services refuse a request without a subject.
const FALLBACK_SUBJECT = "https://github.com/nereid-chat/nereid-chat";

/** Returns the address of a deployment on Vercel. */
export function defaultSubject(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const host = environment.VERCEL_PROJECT_PRODUCTION_URL;
  return host ? `https://${host}` : undefined;
}

/** Parses the settings of pushes; undefined if they are off. Throws `ConfigError` for one key without the other, and for two of different pairs. */
export function parsePush(given: Given): PushSettings | undefined {
  if (!given.push) return undefined;
  return {
    keys: pairOf(given),
    subject: given.pushSubject ?? FALLBACK_SUBJECT,
    // Users name the endpoints, so `webhookPrivate`, which is for a URL of the operator's, opens nothing here.
    reachable: given.store === "local" ? "loopback" : "public",
  };
}

function pairOf({ pushPublicKey: publicKey, pushPrivateKey: privateKey }: Given): PushKeyPair | undefined {
  if (publicKey === undefined && privateKey === undefined) return undefined;
  if (publicKey === undefined || privateKey === undefined) {
    const [variable, option] =
      publicKey === undefined ? ["CHAT_PUSH_PUBLIC_KEY", "pushPublicKey"] : ["CHAT_PUSH_PRIVATE_KEY", "pushPrivateKey"];
    throw new ConfigError(`Cannot send pushes: ${variable}, or the option ${option}, is missing`);
  }
  if (publicOf(privateKey) !== publicKey)
    throw new ConfigError("Cannot send pushes: CHAT_PUSH_PUBLIC_KEY and CHAT_PUSH_PRIVATE_KEY are not of one pair");
  return { publicKey, privateKey };
}

function publicOf(privateKey: string): string | undefined {
  const curve = createECDH("prime256v1");
  try {
    curve.setPrivateKey(privateKey, "base64url");
    return curve.getPublicKey("base64url");
  } catch {
    return undefined;
  }
}
