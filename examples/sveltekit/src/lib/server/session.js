import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { env } from "$env/dynamic/private";

// Stands for the session library of a real application: a name in a signed cookie, without a password.

globalThis.sessionSecret ??= env.SESSION_SECRET ?? randomBytes(32).toString("hex");

/** Returns the user of a session cookie, or undefined. */
export function readUser(cookie = "") {
  const [name = "", signature = ""] = cookie.split(".");
  const [given, expected] = [Buffer.from(signature), Buffer.from(sign(name))];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const displayName = Buffer.from(name, "base64url").toString();
  return { id: displayName.toLowerCase(), displayName };
}

/** Returns the session cookie of a user. */
export function createSession(displayName) {
  const name = Buffer.from(displayName).toString("base64url");
  return `${name}.${sign(name)}`;
}

function sign(name) {
  return createHmac("sha256", globalThis.sessionSecret).update(name).digest("base64url");
}
