import * as v from "valibot";
import type { PushKeyPair } from "../config-push.js";
import { Fault } from "../fault.js";
import type { Log } from "../log/log.js";

// Keeps the first pair of keys that an instance offers, and returns what is kept. KEYS: keys. ARGV: the pair offered, or '' to read only.
// Returns: the pair, or false.
const KEEP = `
local keys, offered = KEYS[1], ARGV[1]
if offered ~= '' then redis.call('SET', keys, offered, 'NX') end
return redis.call('GET', keys)
`;

const Kept = v.nullable(
  v.pipe(
    v.string(),
    v.regex(/^[\w-]{87} [\w-]{43}$/),
    v.transform((it): PushKeyPair => ({ publicKey: it.slice(0, 87), privateKey: it.slice(88) })),
  ),
);

/** The VAPID keys of a deployment: those that it was given, or a pair that the first instance makes that needs one, and the store keeps for all. */
export class PushKeys {
  readonly #log: Log;
  #keys: Promise<PushKeyPair> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Returns the keys. Rejects with `unavailable`. */
  get(): Promise<PushKeyPair> {
    const given = this.#log.config.push?.keys;
    if (given !== undefined) return Promise.resolve(given);
    this.#keys ??= this.#kept();
    // The next request tries again.
    this.#keys.catch(() => {
      this.#keys = undefined;
    });
    return this.#keys;
  }

  async #kept(): Promise<PushKeyPair> {
    const kept = (await this.#keep("")) ?? (await this.#keep(await generate()));
    if (kept === null) throw new Fault("unavailable", { retryAfter: 5 });
    return kept;
  }

  #keep(offered: string) {
    const { keys, store } = this.#log;
    return store.runScript(KEEP, Kept, [keys.pushKeys], [offered]);
  }
}

async function generate(): Promise<string> {
  const { default: webPush } = await import("web-push");
  const { publicKey, privateKey } = webPush.generateVAPIDKeys();
  return `${publicKey} ${privateKey}`;
}
