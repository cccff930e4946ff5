import * as v from "valibot";
import { type Grant, granted, living } from "../auth/token.js";
import type { Cursor } from "../log/cursor.js";
import type { Instance } from "../log/instance.js";
import { readSnapshot, type Snapshot, SnapshotReply, toSnapshot } from "../log/memberships.js";
import type { Caller } from "../people/caller.js";
import { type Introduced, introduce } from "../people/profiles.js";
import { readSavedCursor } from "./saved-cursor.js";

/** A caller of *stream*; on a cold start with what was read of them together with who they are. */
export type StreamCaller = Caller & { coldStart?: ColdStart };

/** What an instance that remembers nothing has read of a caller, in the trip that also proved who they are. */
export class ColdStart {
  /** Where the log stood. */
  readonly now: Cursor;
  /** The saved cursor of the credential, null for none; undefined when it was not asked for. */
  readonly savedCursor: string | null | undefined;
  #snapshot: Snapshot | undefined;

  constructor(snapshot: Snapshot, savedCursor: string | null | undefined) {
    this.now = { epoch: snapshot.clock.epoch, n: snapshot.clock.n };
    this.savedCursor = savedCursor;
    this.#snapshot = snapshot;
  }

  /** Returns the snapshot, once: what is read later must not be answered from it, nor may a held poll retain it. */
  take(): Snapshot | undefined {
    const snapshot = this.#snapshot;
    this.#snapshot = undefined;
    return snapshot;
  }
}

// Reads a chat token and, of the entity that it stands for, the clock, memberships and blocks, and the saved cursor.
// KEYS: token, position, clock. ARGV: the keys of an entity's threads and blocks, "*" for the entity; "1" to read the position.
// Returns: {token, or nil} alone when it does not tell the entity; else {token, {clock, threads, blocks}, position or nil}.
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

/** Finds what a chat token, known by its SHA-256, stands for, and with it what the first answer needs. Throws `token_unknown`. */
export async function byToken(chat: Instance, sha: string, hasCursor: boolean, now: number): Promise<StreamCaller> {
  const before = chat.horizon.reached;
  const [stored, snapshot, savedCursor] = await chat.store.runReadScript(
    COLD_START,
    Started,
    [chat.keys.token(sha), chat.keys.position(sha), chat.keys.clock],
    [chat.keys.threads("*"), chat.keys.blocks("*"), hasCursor ? "0" : "1"],
  );
  const grant: Grant = living(granted(sha, stored), now);
  // A token that another version has made may not tell its entity: the snapshot is then read by itself.
  if (snapshot === undefined) return grant;
  return {
    ...grant,
    coldStart: new ColdStart(await toSnapshot(chat, before, snapshot), hasCursor ? undefined : savedCursor),
  };
}

/** Reads what the first answer to the bearer of a session needs, and stores how they are called. */
export async function bySession(
  chat: Instance & { introduced: Introduced },
  caller: Caller,
  hasCursor: boolean,
  now: number,
): Promise<StreamCaller> {
  const [snapshot, savedCursor] = await Promise.all([
    readSnapshot(chat, caller.actor.id),
    hasCursor ? undefined : readSavedCursor(chat, caller),
    introduce(chat, caller, now),
  ]);
  return { ...caller, coldStart: new ColdStart(snapshot, savedCursor) };
}
