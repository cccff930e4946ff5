import { createHmac, timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import type { StoredFile } from "./stored-file.js";

/** What a signed URL of a folder allows: to write or to read one file, until a time in ms. */
export type Ticket = { action: "write" | "read"; file: StoredFile; until: number };

/** Formats a ticket as text that only this deployment can make. */
export function seal({ action, file: { id, name, type, size }, until }: Ticket, secret: string): string {
  const text = Buffer.from(JSON.stringify([action, id, name, type, size, until])).toString("base64url");
  return `${text}.${mac(text, secret)}`;
}

/** Reads a ticket; undefined for one that was not made here, or is over. */
export function unseal(sealed: string, secret: string, now: number): Ticket | undefined {
  const [text = "", given = ""] = sealed.split(".");
  const expected = Buffer.from(mac(text, secret));
  const claimed = Buffer.from(given);
  if (expected.length !== claimed.length || !timingSafeEqual(expected, claimed)) return undefined;
  const [action, id, name, type, size, until] = v.parse(Sealed, Buffer.from(text, "base64url").toString());
  return now < until ? { action, file: { id, name, type, size }, until } : undefined;
}

const Sealed = v.pipe(
  v.string(),
  v.parseJson(),
  v.tuple([v.picklist(["write", "read"]), v.string(), v.string(), v.string(), v.number(), v.number()]),
);

function mac(text: string, secret: string): string {
  return createHmac("sha256", secret).update(`nereid-chat files ${text}`).digest("base64url");
}
