import { randomBytes } from "node:crypto";
import * as v from "valibot";
import * as keys from "../store/keys.js";
import { type Argument, parse, run } from "../store/redis.js";

/** Where the log stands: everything up to `n` of `epoch` has happened; `tag` is a nonce of the newest event. */
export type Clock = { epoch: string; n: number; tag: string };

/** A place in the log, as a client carries it: everything that concerns it up to `n` is known. */
export type Cursor = { epoch: string; n: number };

export const Count = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^-?\d{1,15}$/), v.transform(Number))]),
  v.safeInteger(),
);

/** A list of texts, looked at as one: thousands of them are read at once. */
export const Texts = v.custom<string[]>((it) => Array.isArray(it) && it.every((each) => typeof each === "string"));

/** A stanza or a message as JSON, which is handed on to the letter: that it is an object is all that is looked at. */
export const Json = v.pipe(v.string(), v.startsWith("{"), v.endsWith("}"));

/** How far somebody has read; the half of those who have not shown themselves yet does not count. */
export const ReadMark = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}(\.5)?$/),
  v.transform((it) => Math.floor(Number(it))),
);

// No log gets as far as this. Whoever believed a store that said so would begin an epoch there, in which nobody could ever write.
const N_MAX = 10 ** 14 - 1;
const Place = v.pipe(Count, v.maxValue(N_MAX));

/** The fields of the clock's hash as HMGET gives them; an empty store has none. */
export const ClockFields = v.pipe(
  v.tuple([v.nullable(v.string()), v.nullable(Place), v.nullable(v.string())]),
  v.transform(([epoch, n, tag]): Clock => ({ epoch: epoch ?? "", n: n ?? 0, tag: tag ?? "" })),
);
export const CLOCK_FIELDS = ["epoch", "n", "tag"] as const;

/** Spells a cursor. */
export function format(cursor: Cursor): string {
  return `${cursor.epoch}.${cursor.n}`;
}

/** Reads a cursor; undefined when the text is not one. */
export function parseCursor(text: string): Cursor | undefined {
  const match = /^([A-Za-z0-9_-]{1,22})\.(\d{1,15})$/.exec(text);
  if (!match?.[1] || !match[2]) return undefined;
  // A part of a text keeps the whole text in memory, for as long as it is kept itself.
  if (match[1] !== newest) newest = match[1];
  return { epoch: newest, n: Number(match[2]) };
}

let newest = "";

// Reads the clock. KEYS: clock. Returns: {epoch, n, tag}, each possibly false.
const LOOK = `return redis.call('HMGET', KEYS[1], 'epoch', 'n', 'tag')`;

/** Reads the clock from the primary. A log that went back begins a new epoch. */
export async function clock(): Promise<Clock> {
  const before = reached;
  return witness(before, await run(LOOK, ClockFields, [keys.clock], []));
}

// How far this process has seen the log go, in whatever epoch: each begins above all that was before.
let reached = 0;

/** How far this process has seen the log go. Whoever reads the clock asks this before, and has `witness` judge what was read. */
export function horizon(): number {
  return reached;
}

/** Notes that the log has gone so far. */
export function see(n: number): void {
  reached = Math.max(reached, n);
}

/** Judges a clock that was read after the log had been seen to go so far: if it is behind that, a part was lost, and a new epoch begins. */
export async function witness(before: number, seen: Clock): Promise<Clock> {
  const now = seen.n < before ? await fork(seen.epoch, before, Date.now()) : seen;
  see(now.n);
  return now;
}

/**
 * Opens every writing script: KEYS[1] is the clock; ARGV[1] the epoch to begin when there is none or the log went back, and how far
 * it has been seen to go; ARGV[2] the time in ms, ARGV[3] the tag of this write, ARGV[4] the wire. `append` adds a lasting event to a
 * thread's delivery log, `pass` one that is only published; `commit` moves the clock and publishes. `repeated` tells whether this very write was
 * done before, by the tags of the last dozen that `tagged` keeps. `begins` tells whether a commit
 * begins an epoch. %.0f because Lua prints numbers above 10^14 with an exponent.
 */
const WRITE = `
local time = redis.call('HMGET', KEYS[1], 'epoch', 'n', 'tag')
local fresh, seen = string.match(ARGV[1], '(%S+) (%d+)')
local epoch, n, lines = time[1] or fresh, tonumber(time[2] or ARGV[2]), {}
local stands, begins = tonumber(time[2] or 0), not time[1] or n < tonumber(seen)
local function text(number) return string.format('%.0f', number) end
local function pass(kind, by, thread, body)
  n = n + 1
  lines[#lines + 1] = '1 ' .. epoch .. ' ' .. text(n) .. ' ' .. ARGV[3] .. ' ' .. kind .. ' ' .. by .. ' ' .. thread .. ' ' .. body
  return n
end
local function append(events, prev, kind, by, thread, body)
  local id = text(pass(kind, by, thread, body))
  redis.call('XADD', events, 'MAXLEN', '~', '256', id .. '-0', 'p', prev, 'k', kind, 'b', by, 'e', body)
  return id
end
local function commit()
  stands = n
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'n', text(n), 'tag', ARGV[3])
  if #lines > 0 then redis.call('PUBLISH', ARGV[4], table.concat(lines, '\\t')) end
end
local function batch(command, key, list, each)
  for i = 1, #list, 1000 do
    local args = {}
    for j = i, math.min(i + 999, #list) do
      for _, value in ipairs({each(list[j], j)}) do args[#args + 1] = value end
    end
    redis.call(command, key, unpack(args))
  end
end
local function repeated(tags) return string.find(' ' .. (tags or '') .. ' ', ' ' .. ARGV[3] .. ' ', 1, true) end
local function tagged(tags) return string.sub(ARGV[3] .. ' ' .. (tags or ''), 1, 256) end
if begins then epoch, n = fresh, math.max(tonumber(ARGV[2]), tonumber(seen)) end
if begins and time[1] then pass('epoch', '-', '-', '{}') end
local function script()
`;

// Closes every writing script: answers how far the log goes now, and what the script said.
const WRITTEN = `
end
local said = script()
return {text(stands), said}
`;

// Each writing script between `WRITE` and `WRITTEN`: put together once, it is found again by its identity, not by its letters.
const whole = new Map<string, string>();

function framed(lua: string): string {
  const known = whole.get(lua) ?? WRITE + lua + WRITTEN;
  whole.set(lua, known);
  return known;
}

const Said = v.tuple([Place, v.unknown()]);

/** Runs a writing script between `WRITE` and `WRITTEN`: its own KEYS begin at 2, its own ARGV at 5. */
export async function write<const Reply extends v.GenericSchema>(
  lua: string,
  reply: Reply,
  now: number,
  scriptKeys: readonly string[],
  args: readonly Argument[],
): Promise<v.InferOutput<Reply>> {
  const frame = [`${nonce()} ${reached}`, now, nonce(), keys.wire];
  const [n, said] = await run(framed(lua), Said, [keys.clock, ...scriptKeys], [...frame, ...args]);
  see(n);
  return parse(reply, said);
}

// Starts a new epoch, unless somebody else did. The epoch alone is compared: a log that forked stays so, however far it has moved since.
// An empty store has no epoch to compare. The new n is the wall clock in ms, or above whatever was there.
// KEYS: clock. ARGV: new epoch, now, tag, wire | epoch that forked, an n that was reached before. Returns: {epoch, n, tag} as it is now.
const FORK = `
local seen = redis.call('HMGET', KEYS[1], 'epoch', 'n', 'tag')
if seen[1] and seen[1] ~= ARGV[5] then return seen end
local n = string.format('%.0f', math.max(tonumber(ARGV[2]), tonumber(seen[2] or 0) + 1, tonumber(ARGV[6]) + 1))
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'n', n, 'tag', ARGV[3])
redis.call('PUBLISH', ARGV[4], '1 ' .. ARGV[1] .. ' ' .. n .. ' ' .. ARGV[3] .. ' epoch - - {}')
return {ARGV[1], n, ARGV[3]}
`;

/** Starts a new epoch in place of `epoch`, unless another has begun already. `reached` is an n that this process knows to have existed. */
export function fork(epoch: string, reached: number, now: number): Promise<Clock> {
  return run(FORK, ClockFields, [keys.clock], [nonce(), now, nonce(), keys.wire, epoch, reached]);
}

/** Reads the clock, and begins the log when the store is empty: a cursor needs an epoch to stand in. */
export async function begin(now: number): Promise<Clock> {
  const seen = await clock();
  return seen.epoch === "" ? fork("", 0, now) : seen;
}

// Unlike any other process, and unlike any other time in this one.
const self = randomBytes(9).toString("base64url");
let times = 0;

function nonce(): string {
  times += 1;
  return `${self}${times.toString(36)}`;
}
