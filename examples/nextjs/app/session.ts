import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { cookies } from "next/headers";

// Stands for the session library of a real application: a name in a signed cookie, without a password.

export type User = { id: string; displayName: string };

/** Returns the user who is logged in, or undefined. */
export async function currentUser(): Promise<User | undefined> {
  const [name = "", signature = ""] = (await cookies()).get("session")?.value.split(".") ?? [];
  const [given, expected] = [Buffer.from(signature), Buffer.from(sign(name))];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const displayName = Buffer.from(name, "base64url").toString();
  return { id: displayName.toLowerCase(), displayName };
}

/** Logs a user in. */
export async function startSession(displayName: string): Promise<void> {
  const name = Buffer.from(displayName).toString("base64url");
  (await cookies()).set("session", `${name}.${sign(name)}`, { httpOnly: true, sameSite: "lax" });
}

function sign(name: string): string {
  return createHmac("sha256", secret()).update(name).digest("base64url");
}

const shared: typeof globalThis & { sessionSecret?: string } = globalThis;

function secret(): string {
  shared.sessionSecret ??= process.env.SESSION_SECRET ?? randomBytes(32).toString("hex");
  return shared.sessionSecret;
}
