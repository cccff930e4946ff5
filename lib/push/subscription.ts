import { ECDH } from "node:crypto";
import { isIP } from "node:net";
import * as v from "valibot";
import { isReachable, type Reachable } from "../config-hooks.js";
import { invalid } from "../fault.js";
import { isPrivateName } from "../private-address.js";
import { text } from "../schema/field.js";

// Those of today's push services have 150 to 700 characters.
const ENDPOINT_MAX = 2_048;
const PAGE_MAX = 1_024;

const PublicKey = v.pipe(
  text,
  v.regex(/^[\w-]{87}$/, "must be 65 bytes in base64url"),
  v.check(isPoint, "must be a point of P-256"),
);

/** A push subscription, as `PushSubscription.toJSON()` of a browser returns it, and the page that a click on a notification opens. */
export const Subscription = v.object(
  {
    endpoint: v.pipe(
      text,
      v.maxLength(ENDPOINT_MAX, `must have at most ${ENDPOINT_MAX} characters`),
      v.check((it) => URL.canParse(it), "must be a URL"),
    ),
    keys: v.object(
      {
        p256dh: PublicKey,
        // RFC 8291 §3.2: 16 bytes.
        auth: v.pipe(text, v.regex(/^[\w-]{22}$/, "must be 16 bytes in base64url")),
      },
      "must be an object",
    ),
    page: v.exactOptional(
      v.pipe(
        text,
        v.maxLength(PAGE_MAX, `must have at most ${PAGE_MAX} characters`),
        v.regex(/^[\x21-\x7e]*$/, "must have only what a URL has"),
      ),
    ),
  },
  "must be an object",
);
export type Subscription = v.InferOutput<typeof Subscription>;

/** The id of a device in the path: the SHA-256 of its endpoint, in base64url. Whatever else stands there is no device of anybody. */
export const DeviceId = v.string();

function isPoint(key: string): boolean {
  try {
    return ECDH.convertKey(key, "prime256v1", "base64url", "hex", "compressed").length === 66;
  } catch {
    return false;
  }
}

/**
 * Throws `invalid` for an endpoint to which this server must not post: users name it. It is that of a push service, at the usual port, and not
 * a private address; where a name leads is checked again when a connection is made.
 */
export function checkEndpoint(endpoint: string, reachable: Reachable): void {
  const { protocol, hostname, port, username, password } = new URL(endpoint);
  const host = hostname.replace(/^\[|\]$/g, "");
  const isLocal =
    reachable === "loopback" && isIP(host) !== 0 && isReachable(host, reachable) && !isReachable(host, "public");
  if (username !== "" || password !== "") throw invalid("endpoint", "must not contain a user or a password");
  if (isLocal) return;
  if (protocol !== "https:") throw invalid("endpoint", "must start with https");
  if (port !== "") throw invalid("endpoint", "must not have a port of its own");
  if (isIP(host) === 0 ? isPrivateName(host) : !isReachable(host, reachable))
    throw invalid("endpoint", "must not be a private address");
}
