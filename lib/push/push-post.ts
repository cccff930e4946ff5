import * as http from "node:http";
import * as https from "node:https";
import webPush from "web-push";
import { BoundedMap } from "../bounded-map.js";
import type { PushKeyPair, PushSettings } from "../config-push.js";
import { hasPassed } from "../elapsed.js";
import { guardedLookup } from "../guarded-lookup.js";
import { retryAfter } from "../store/retry-after.js";
import type { StoredDevice } from "./devices.js";
import type { Envelope } from "./payload.js";
import { checkEndpoint } from "./subscription.js";

// Push services answer within some 100 ms. A round must end before its lease does.
const POST_MS = 5_000;
// What a service says beside its status is not read; a connection that brings more is not worth keeping.
const ANSWER_BYTES = 4 * 1024;
const CONNECTIONS_MAX = 16;
// A credential ends after 12 h; to sign one for each push would take longer than to encrypt it.
const KEPT_MS = 3_600_000;
// Browsers have a handful of services; users can name others.
const SERVICES_MAX = 100;

/** What a push service answered: its status, and in how many ms it wants to be asked again. */
export type Answer = { status: number; retryMs: number };

/**
 * Posts to push services (RFC 8030), encrypted for the device (RFC 8291) and signed by the deployment (RFC 8292). Follows no redirect, and
 * connects to no private address, whatever a name resolves to when the connection is made: users name the endpoints.
 */
export class PushPost {
  readonly #settings: PushSettings;
  readonly #keys: PushKeyPair;
  readonly #http: http.Agent;
  readonly #https: https.Agent;
  readonly #credentials = new BoundedMap<string, { authorization: string; at: number }>(SERVICES_MAX);

  constructor(settings: PushSettings, keys: PushKeyPair) {
    this.#settings = settings;
    this.#keys = keys;
    const options = { keepAlive: true, maxSockets: CONNECTIONS_MAX, lookup: guardedLookup(settings.reachable) };
    this.#http = new http.Agent(options);
    this.#https = new https.Agent(options);
  }

  /** Posts a payload to a device. Rejects if there is no response within 5 s, and at once for an endpoint or a key that cannot be used. */
  async post({ endpoint, keys }: StoredDevice, payload: string, envelope: Envelope): Promise<Answer> {
    checkEndpoint(endpoint, this.#settings.reachable);
    const { ttl, urgency, topic } = envelope;
    const options = { TTL: ttl, urgency, topic, contentEncoding: "aes128gcm" } as const;
    const details = webPush.generateRequestDetails({ endpoint, keys }, payload, options);
    const { origin, protocol } = new URL(endpoint);
    const headers = { ...details.headers, Authorization: this.#authorization(origin) };
    const isSecure = protocol === "https:";
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(POST_MS);
      const agent = isSecure ? this.#https : this.#http;
      const request = (isSecure ? https : http).request(endpoint, { method: "POST", agent, headers, signal });
      request.on("error", reject);
      request.on("response", (response) => {
        drain(response);
        resolve({ status: response.statusCode ?? 0, retryMs: retryMs(response) });
      });
      request.end(details.body);
    });
  }

  /** Returns the credential for a push service, which is valid for longer than it is kept. */
  #authorization(origin: string): string {
    const known = this.#credentials.get(origin);
    if (known !== undefined && !hasPassed(KEPT_MS, known.at, Date.now())) return known.authorization;
    const { publicKey, privateKey } = this.#keys;
    const made = webPush.getVapidHeaders(origin, this.#settings.subject, publicKey, privateKey, "aes128gcm");
    this.#credentials.set(origin, { authorization: made.Authorization, at: Date.now() });
    return made.Authorization;
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

function drain(response: http.IncomingMessage): void {
  let bytes = 0;
  response.on("error", () => {});
  response.on("data", (piece: Buffer) => {
    bytes += piece.length;
    if (bytes > ANSWER_BYTES) response.destroy();
  });
}

// A service that wants more is asked again all the same: a push that is an hour old says little.
const RETRY_MAX_S = 3_600;

function retryMs(response: http.IncomingMessage): number {
  return Math.min(retryAfter(response) ?? 0, RETRY_MAX_S) * 1_000;
}
