import { hash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Pipeline, Redis } from "@upstash/redis";
import * as v from "valibot";
import { config } from "../config.js";
import { Fault } from "../fault.js";
import { Rest } from "./upstash-rest.js";

/** Commands to be answered together, in the order in which they are called. */
export type Reading = Pipeline<[]>;
/** Calls for commands, to be answered together with others. */
export type Errand = (reading: Reading) => unknown;
export type Argument = string | number;

/**
 * Runs a script on the primary and parses its reply. Scripts are idempotent, so one that got no answer is sent once more.
 * The reply of a script that wrote twice says so by its tag.
 */
export async function run<const Reply extends v.GenericSchema>(
  lua: string,
  reply: Reply,
  scriptKeys: readonly string[],
  args: readonly Argument[],
): Promise<v.InferOutput<Reply>> {
  return attempt(reply, () => execute(lua, scriptKeys, args));
}

/**
 * Runs a script that finds its keys by what it reads, and only reads: where `run` locks the keys that are named, Upstash locks
 * the whole database meanwhile. For what would be asked for in several round trips, and is short.
 */
export async function seek<const Reply extends v.GenericSchema>(
  lua: string,
  reply: Reply,
  scriptKeys: readonly string[],
  args: readonly Argument[],
): Promise<v.InferOutput<Reply>> {
  return attempt(reply, () => evaluate("plain", lua, scriptKeys, args));
}

/**
 * Reads several keys at one moment, from the primary: Upstash answers plain reads from replicas that may lag,
 * and a stale answer must not become a verdict. One `/multi-exec`. What is written on the way must depend on nothing that is
 * read, and may be written twice.
 */
export async function read<const Reply extends v.GenericSchema>(
  reply: Reply,
  ask: Errand,
): Promise<v.InferOutput<Reply>> {
  return attempt(reply, () => {
    const reading = client.multi();
    ask(reading);
    return reading.exec();
  });
}

/** Reads as `read` does, but from any replica: what it says may be old, and must be proved by the script that acts on it. */
export async function glance<const Reply extends v.GenericSchema>(
  reply: Reply,
  ask: Errand,
): Promise<v.InferOutput<Reply>> {
  return attempt(reply, () => {
    const reading = client.pipeline();
    ask(reading);
    return reading.exec();
  });
}

/** The replies to a command list that repeats every `width` commands, as rows of that width. */
export function rows<const Row extends v.GenericSchema>(row: Row, width: number) {
  return v.pipe(
    v.array(v.unknown()),
    v.transform((replies) =>
      Array.from({ length: replies.length / width }, (_, i) => replies.slice(i * width, (i + 1) * width)),
    ),
    v.array(row),
  );
}

// A caller is told "unavailable" within three seconds: two attempts end before that.
const ATTEMPT_MS = 1_300;
const ATTEMPTS = 2;
const PAUSE_MS = 60;

/** The SDK over `Rest`: its own way to the store costs more than Redis does, and repeats writes. */
class Client extends Redis {
  constructor(requester: Rest) {
    // Automatic deserialization makes a number of the text "123"; automatic pipelines let reads and writes overtake each other.
    super({ ...config.redis, automaticDeserialization: false, enableAutoPipelining: false, enableTelemetry: false });
    this.client = requester;
  }
}

const rest = new Rest(config.redis.url, config.redis.token, ATTEMPT_MS);
const client = new Client(rest);

type Words = readonly Argument[];
type Way = "locking" | "plain";
type Script = { text: string; sha: string };
const scripts: Record<Way, Map<string, Script>> = { locking: new Map(), plain: new Map() };

// Upstash then locks by the keys named in KEYS instead of the whole database.
const KEY_LOCKING = "#!lua flags=allow-key-locking\n";
/** Whether the store knows that flag. A plain Redis behind a REST bridge refuses it, which the first script finds out. */
let keyLocking = true;

async function execute(lua: string, scriptKeys: Words, args: Words): Promise<unknown> {
  if (!keyLocking) return evaluate("plain", lua, scriptKeys, args);
  try {
    return await evaluate("locking", lua, scriptKeys, args);
  } catch (error) {
    if (!refuses(error, /script shebang|unexpected symbol near '#'/i)) throw error;
    keyLocking = false;
    return evaluate("plain", lua, scriptKeys, args);
  }
}

// The SDK's own way to run a script makes more garbage than anything else in a send.
/** Runs a script by its name; by its text where the store has not seen it yet, or has lost it. */
async function evaluate(way: Way, lua: string, scriptKeys: Words, args: Words): Promise<unknown> {
  const { text, sha } = scriptOf(way, lua);
  try {
    return await rest.run(["EVALSHA", sha, scriptKeys.length, ...scriptKeys, ...args]);
  } catch (error) {
    if (!refuses(error, /noscript/i)) throw error;
    return rest.run(["EVAL", text, scriptKeys.length, ...scriptKeys, ...args]);
  }
}

function refuses(error: unknown, reason: RegExp): boolean {
  return error instanceof Error && reason.test(error.message);
}

function scriptOf(way: Way, lua: string): Script {
  let script = scripts[way].get(lua);
  if (script === undefined) {
    const text = way === "locking" ? KEY_LOCKING + lua : lua;
    script = { text, sha: hash("sha1", text) };
    scripts[way].set(lua, script);
  }
  return script;
}

async function attempt<const Reply extends v.GenericSchema>(
  reply: Reply,
  call: () => Promise<unknown>,
): Promise<v.InferOutput<Reply>> {
  for (let tries = 1; ; tries++) {
    try {
      return parse(reply, await call());
    } catch (error) {
      const fault = translate(error);
      if (tries === ATTEMPTS || fault.code !== "unavailable" || answered(error)) throw fault;
      await sleep(PAUSE_MS);
    }
  }
}

/** Reads what the store gave. Throws `unavailable` when that has another shape. */
export function parse<const Reply extends v.GenericSchema>(reply: Reply, value: unknown): v.InferOutput<Reply> {
  const parsed = v.safeParse(reply, value);
  if (parsed.success) return parsed.output;
  throw new Fault("unavailable", { detail: "The store gave an answer of the wrong shape", retryAfter: 5 });
}

/** Tells an answer of Redis, which a second attempt would only repeat, from no answer at all. */
function answered(error: unknown): boolean {
  return error instanceof Fault || (error instanceof Error && error.name === "UpstashError");
}

// The message of an UpstashError holds the whole command, and with it texts and tokens: it is looked at, never passed on.
function translate(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const message = error instanceof Error ? error.message : "";
  const reason = message.slice(0, 200);
  if (answered(error) && /^(OOM|ERR max.*(size|storage)|ERR.*(capacity|storage) (is )?exceeded)/i.test(reason)) {
    return new Fault("storage_full");
  }
  return new Fault("unavailable", { retryAfter: 1 });
}
