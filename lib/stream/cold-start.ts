import * as v from "valibot";
import { arrive } from "../auth/arrival.js";
import type { Grant } from "../auth/grant-cache.js";
import { parseGrant, requireValid, type TokenContext } from "../auth/token.js";
import type { Cursor } from "../log/cursor.js";
import type { Instance } from "../log/instance.js";
import { readSnapshot, type Snapshot, SnapshotReply, toSnapshot } from "../log/memberships.js";
import type { Caller } from "../people/caller.js";
import type { Introduced } from "../people/profiles.js";
import { readSavedCursor } from "./saved-cursor.js";

/** A caller of *stream*; on a cold start, with what was read together with the credential. */
export type StreamCaller = Caller & { coldStart?: ColdStart };

/** What an instance without a memory has read about a caller, in the round trip that also authenticated the caller. */
export class ColdStart {
  /** The position of the log when it was read. */
  readonly now: Cursor;
  /** The saved cursor of the credential, null for none; undefined if it was not read. */
  readonly savedCursor: string | null | undefined;
  #snapshot: Snapshot | undefined;

  constructor(snapshot: Snapshot, savedCursor: string | null | undefined) {
    this.now = { epoch: snapshot.clock.epoch, n: snapshot.clock.n };
    this.savedCursor = savedCursor;
    this.#snapshot = snapshot;
  }

  /** Returns the snapshot, once: later reads need a newer one, and a held poll must not retain it. */
  takeSnapshot(): Snapshot | undefined {
    const snapshot = this.#snapshot;
    this.#snapshot = undefined;
    return snapshot;
  }
}

// Reads a chat token, the memberships and blocks of its user, the clock, and the saved cursor.
// KEYS: token, position, clock. ARGV: the keys of a user's threads and blocks, with "*" for the entity; "1" to read the position.
// Returns: {token, or nil} alone if that does not name the entity; else {token, {clock, threads, blocks}, position or nil}.
const COLD_START = `
local token, position, clock = KEYS[1], KEYS[2], KEYS[3]
local threads, blocks, wantsPosition = ARGV[1], ARGV[2], ARGV[3] == '1'
local stored = redis.call('GET', token)
local who = stored and string.match(stored, '^%S+ {"who":"([^"]+)"')
if not who then return {stored} end
local function hash(key) return redis.call('HGETALL', (string.gsub(key, '%*', function() return who end))) end
local now = redis.call('HMGET', clock, 'epoch', 'n', 'tag')
return {stored, {now, hash(threads), hash(blocks)}, wantsPosition and redis.call('GET', position)}
`;

const Stored = v.nullable(v.string());
const Started = v.union([v.tuple([v.string(), SnapshotReply, Stored]), v.strictTuple([Stored])]);

/** Finds the grant of a chat token by its SHA-256, together with what the first answer needs. Throws `token_unknown`. */
export async function byToken(chat: Instance, sha: string, hasCursor: boolean, now: number): Promise<StreamCaller> {
  const before = chat.horizon.reached;
  const [stored, snapshot, savedCursor] = await chat.store.runReadScript(
    COLD_START,
    Started,
    [chat.keys.token(sha), chat.keys.position(sha), chat.keys.clock],
    [chat.keys.threads("*"), chat.keys.blocks("*"), hasCursor ? "0" : "1"],
  );
  const grant: Grant = requireValid(parseGrant(sha, stored), now);
  // A token that another version has created may not name its entity: the snapshot is then read separately.
  if (snapshot === undefined) return grant;
  return {
    ...grant,
    coldStart: new ColdStart(await toSnapshot(chat, before, snapshot), hasCursor ? undefined : savedCursor),
  };
}

/** Reads what the first answer to the bearer of a session needs, and stores the user's description. */
export async function bySession(
  chat: TokenContext & { introduced: Introduced },
  caller: Caller,
  hasCursor: boolean,
  now: number,
): Promise<StreamCaller> {
  const [snapshot, savedCursor] = await Promise.all([
    readSnapshot(chat, caller.actor.id),
    hasCursor ? undefined : readSavedCursor(chat, caller),
    arrive(chat, caller, now),
  ]);
  return { ...caller, coldStart: new ColdStart(snapshot, savedCursor) };
}
