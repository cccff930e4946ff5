import { hash, randomBytes } from "node:crypto";
import type { Config } from "../../config.js";
import { createKeys } from "../../store/keys.js";
import { StoreFailure } from "../../store/store-fault.js";
import { Rest } from "../../store/upstash-rest.js";
import { bad, type Finding, good, warning } from "../finding.js";
import { adviceFor } from "./trouble.js";

export type StoreCheck = { findings: Finding[]; reachable: boolean };

/** Checks the store: its credential, how far away it is, whether it takes writes and scripts, and its clock. Writes one key for a minute. */
export async function checkStore(config: Config, now: () => number, region: string | undefined): Promise<StoreCheck> {
  const { host } = new URL(config.redis.url);
  let rest: Rest | undefined;
  try {
    // Throws for a token that no header can carry.
    rest = new Rest(config.redis.url, config.redis.token, ATTEMPT_MS);
    await rest.run(["PING"]);
  } catch (error) {
    rest?.close();
    return { findings: [refusal("store", `${host} cannot be used`, error)], reachable: false };
  }
  const accepted = good("store", `${host} accepts the token`);
  const findings = [accepted];
  for (const check of [
    () => checkRoundTrip(rest, region),
    () => checkWrites(rest, createKeys(config.prefix).probe(randomBytes(6).toString("hex"))),
    () => checkScripts(rest),
    () => checkClock(rest, now),
  ])
    findings.push(await check());
  rest.close();
  return { findings, reachable: true };
}

// Longer than the chat waits: what it gives up on is to be measured.
const ATTEMPT_MS = 5_000;
const ROUNDS = 5;
// A store in the same region answers in a few ms; a message takes two round trips.
const SLOW_MS = { near: 30, far: 500 };

async function checkRoundTrip(rest: Rest, region: string | undefined): Promise<Finding> {
  const times: number[] = [];
  try {
    for (let i = 0; i < ROUNDS; i++) {
      const began = performance.now();
      await rest.run(["PING"]);
      times.push(performance.now() - began);
    }
  } catch (error) {
    return refusal("round trip", "The store stopped answering", error);
  }
  const ms = Math.round(times.toSorted((one, other) => one - other)[ROUNDS >> 1] ?? 0);
  const from = region === undefined ? "from here" : `from the region ${region}`;
  if (ms <= (region === undefined ? SLOW_MS.far : SLOW_MS.near))
    return good("round trip", `The store answers in ${ms} ms ${from}`);
  const advice =
    "Choose the region of the functions (vercel.json, `regions`) that is nearest to the database's primary";
  return warning("round trip", `The store answers in ${ms} ms ${from}: it is far away`, advice);
}

async function checkWrites(rest: Rest, key: string): Promise<Finding> {
  try {
    await rest.run(["SET", key, "1", "PX", "60000"]);
    await rest.run(["DEL", key]);
    return good("writes", "The token may write");
  } catch (error) {
    return refusal(
      "writes",
      "The token may read, but not write",
      error,
      "Copy the standard REST token of the database, not the read-only one",
    );
  }
}

const FLAGGED = "#!lua flags=allow-key-locking\nreturn 1";
const PLAIN = "return 1";

async function checkScripts(rest: Rest): Promise<Finding> {
  let locking = true;
  try {
    try {
      await rest.run(["EVAL", FLAGGED, 0]);
    } catch (error) {
      if (!(error instanceof StoreFailure && error.refusedFor(/shebang|near '#'/i))) throw error;
      locking = false;
      await rest.run(["EVAL", PLAIN, 0]);
    }
    await rest.run(["EVALSHA", hash("sha1", locking ? FLAGGED : PLAIN), 0]);
  } catch (error) {
    return refusal(
      "scripts",
      "Scripts cannot be run, and every write of the chat is one",
      error,
      "Use a token that may run EVAL and EVALSHA",
    );
  }
  return good(
    "scripts",
    locking
      ? "Scripts run, and lock only the keys that they name"
      : "Scripts run, without locks of single keys, as in a plain Redis",
  );
}

// A JWT is accepted 30 s before and after its time.
const SKEW_MS = { warning: 2_000, bad: 30_000 };
const SET_CLOCK = "Let this machine set its clock by NTP: tokens, sessions and presence end by it";

async function checkClock(rest: Rest, now: () => number): Promise<Finding> {
  try {
    const began = now();
    const time = await rest.run(["TIME"]);
    const [seconds, micros] = Array.isArray(time) ? time.map(Number) : [];
    const skew = (began + now()) / 2 - ((seconds ?? Number.NaN) * 1_000 + (micros ?? Number.NaN) / 1_000);
    if (Number.isNaN(skew))
      return bad("clock", "The store does not tell the time", "Use Upstash Redis, or a bridge that passes TIME");
    const found = `This machine and the store differ by ${(Math.abs(skew) / 1_000).toFixed(1)} s`;
    if (Math.abs(skew) >= SKEW_MS.bad) return bad("clock", found, SET_CLOCK);
    return Math.abs(skew) >= SKEW_MS.warning ? warning("clock", found, SET_CLOCK) : good("clock", found);
  } catch (error) {
    return refusal("clock", "The store does not tell the time", error);
  }
}

function refusal(subject: string, found: string, error: unknown, advice?: string): Finding {
  if (!(error instanceof StoreFailure))
    return bad(
      subject,
      `${found}: the token has characters that none has`,
      "Copy the REST token again, without quotation marks and line breaks",
    );
  const { code, sign } = error;
  return bad(subject, `${found}: ${code}${sign === undefined ? "" : ` (${sign})`}`, advice ?? adviceFor(code, sign));
}
