import type { Dice } from "./dice.js";

/** What a store's errors name, and nobody may read. */
export const STORE_SECRET = "chat:token:what-the-store-alone-knows";

/** An answer of the store; `broken`: the connection ends in the midst of it. */
export type Told = { status: number; body: string; broken: boolean };

/** Makes of an answer of the store, `{"result": …}` or a list of such, one of the wrong shape. */
export function lie(dice: Dice, body: string): Told {
  const told = (it: string, status = 200) => ({ status, body: it, broken: false });
  const refusal = JSON.stringify({ error: `ERR no such thing: ${STORE_SECRET}` });
  switch (dice.up(10)) {
    case 0:
      return told(`<html><body>${STORE_SECRET}</body></html>`, dice.one(200, 301, 404, 502));
    case 1:
      return told(body.slice(0, dice.up(body.length)));
    case 2:
      return { ...told(body), broken: true };
    case 3:
      return told(dice.one("", "null", "[]", "{}", "0", '"OK"', '{"result":null}', "[null]", '[{"result":null}]'));
    case 4:
      return told(dice.one("[".repeat(200_000), `{"result":"${"x".repeat(dice.once(10) ? 3_000_000 : 100_000)}"}`));
    case 5:
      return told(dice.one(refusal, `[${refusal}]`, `{"result":[${refusal}]}`), dice.one(200, 400, 401, 429, 500));
    default:
      return told(JSON.stringify(altered(dice, JSON.parse(body))));
  }
}

/** Puts something else somewhere into a value, or drops or doubles an item of a list. */
export function altered(dice: Dice, value: unknown): unknown {
  if (dice.once(6) || typeof value !== "object" || value === null) return other(dice, value);
  if (!Array.isArray(value)) {
    const [name, it] = dice.one(["", undefined], ...Object.entries(value));
    return { ...value, [name]: altered(dice, it) };
  }
  const at = dice.up(value.length);
  const [before, it, after] = [value.slice(0, at), value[at], value.slice(at + 1)];
  if (dice.once(4)) return [...before, ...dice.one([], [it, it], [it, null]), ...after];
  return [...before, altered(dice, it), ...after];
}

function other(dice: Dice, value: unknown): unknown {
  if (typeof value === "string" && dice.once(2)) return dice.mutated(Buffer.from(value)).toString();
  if (typeof value === "number" && dice.once(2)) return dice.one<unknown>(-value, value + 1, value * 1e9, `${value}`);
  return dice.one<unknown>(
    ...([null, "", "%", "{", "{}", "[]", "null", "0", "-1", "1e9", "NaN", "999999999999999", "a b c d"] as const),
    ...([-1, 0.5, 1e300, true, [], {}, [null], [[]], { result: null }, dice.word(), dice.value(2)] as const),
  );
}
