import { createHmac } from "node:crypto";
import { SECRET } from "../support/site.js";
import type { Dice } from "./dice.js";

/** Makes a JWT that somebody might try: nonsense under a good signature, sense under a bad one, or neither. */
export function forged(dice: Dice): string {
  const [header = "", payload = "", signature = ""] = dice.known.session.split(".");
  const kind = dice.up(6);
  if (kind === 0) return dice.mutated(Buffer.from(dice.known.session)).toString("latin1");
  if (kind === 1) return [header, payload, dice.one("", "AAAA", signature.slice(1), payload)].join(".");
  if (kind === 2)
    return `${encoded({ alg: dice.one("none", "HS512", "RS256", "", "hs256"), kid: dice.word() })}.${payload}.`;
  if (kind === 3) return [encoded(dice.value(2)), encoded(dice.value(2)), signature].join(".");
  return signed(encoded({ alg: "HS256", ...maybe(dice, "crit", () => [dice.word()]) }), encoded(claims(dice)));
}

function claims(dice: Dice): unknown {
  if (dice.once(8)) return dice.value(3);
  return {
    sub: dice.once(3) ? dice.value(1) : `forged,${dice.up(50)}`,
    exp: dice.once(4) ? dice.value(1) : Math.floor(Date.now() / 1_000) + 600,
    ...maybe(dice, "scope", () => dice.one<unknown>("chat:server", "openid chat:server", ["chat:server"], dice.word())),
    ...maybe(dice, "name", () => dice.value(1)),
    ...maybe(dice, "picture", () => dice.word()),
    ...maybe(dice, "contacts", () => (dice.once(2) ? dice.value(1) : dice.many(4, () => dice.word()))),
    ...maybe(dice, "actor", () => dice.value(4)),
    ...maybe(dice, dice.word(), () => dice.value(2)),
  };
}

function maybe(dice: Dice, name: string, make: () => unknown): Record<string, unknown> {
  return dice.once(3) ? { [name]: make() } : {};
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function signed(header: string, payload: string): string {
  return `${header}.${payload}.${createHmac("sha256", SECRET).update(`${header}.${payload}`).digest("base64url")}`;
}
