import { hash } from "node:crypto";
import { StoreFailure } from "./store-fault.js";
import type { Rest } from "./upstash-rest.js";

type Argument = string | number;
type Script = { text: string; sha: string };

// Upstash then locks by the keys named in KEYS instead of the whole database.
const KEY_LOCKING = "#!lua flags=allow-key-locking\n";

/** Runs Lua scripts by their hashes. The SDK's own way to do so makes more garbage than anything else in a send. */
export class Scripts {
  readonly #rest: Rest;
  readonly #locking = new Map<string, Script>();
  readonly #plain = new Map<string, Script>();
  /** Whether the store knows the flag for key locking. A plain Redis behind a REST bridge refuses it, which the first script finds out. */
  #locksKeys = true;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** Runs a script that touches only the keys that are named. Rejects with `StoreFailure`. */
  async run(lua: string, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    if (!this.#locksKeys) return this.runOnAnyKeys(lua, keys, args);
    try {
      return await this.#evaluate(scriptOf(this.#locking, lua, KEY_LOCKING), keys, args);
    } catch (error) {
      if (!refusedFor(error, /script shebang|unexpected symbol near '#'/i)) throw error;
      this.#locksKeys = false;
      return this.runOnAnyKeys(lua, keys, args);
    }
  }

  /** Runs a script that may touch any key. Rejects with `StoreFailure`. */
  runOnAnyKeys(lua: string, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    return this.#evaluate(scriptOf(this.#plain, lua, ""), keys, args);
  }

  /** Runs a script by its hash; by its text where the store has not seen it yet, or has lost it. */
  async #evaluate({ text, sha }: Script, keys: readonly string[], args: readonly Argument[]): Promise<unknown> {
    try {
      return await this.#rest.run(["EVALSHA", sha, keys.length, ...keys, ...args]);
    } catch (error) {
      if (!refusedFor(error, /\bNOSCRIPT\b/i)) throw error;
      return this.#rest.run(["EVAL", text, keys.length, ...keys, ...args]);
    }
  }
}

function scriptOf(known: Map<string, Script>, lua: string, head: string): Script {
  const script = known.get(lua);
  if (script !== undefined) return script;
  const text = head + lua;
  const made = { text, sha: hash("sha1", text) };
  known.set(lua, made);
  return made;
}

function refusedFor(error: unknown, reason: RegExp): boolean {
  return error instanceof StoreFailure && error.refusedFor(reason);
}
