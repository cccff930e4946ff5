import type * as v from "valibot";
import type { Fault } from "../fault.js";
import type { Crowd } from "../log/crowds.js";
import { type Cursor, formatCursor, parseCursor } from "../log/cursor.js";
import { isGuest } from "../people/reach.js";
import { THREADS_MAX } from "../presence/roster.js";
import type { Answer, Charge } from "../stream/answer.js";
import type { StreamCaller } from "../stream/cold-start.js";
import { withoutRetracted } from "../stream/collected.js";
import { follow, requireCursor, type StreamQuery } from "../stream/follow.js";
import { address, UNKNOWN_ADDRESS } from "./address.js";
import type { ChatContext } from "./chat-context.js";
import { EVENT_STREAM, formatEvents, formatProblem, formatRetry } from "./event-stream.js";
import { type LiveContext, live, RETRY_MS } from "./live-stream.js";
import { bounded, refuse } from "./problem.js";

// Many proxies end a silent request after 60 s.
const WAIT_MAX = 55;
const WAIT = 25;
// Live streams end up to this part of their time early, so that the readers of an instance that has started do not all return at once.
const LIVE_JITTER = 0.1;
// A client that replaces each stream, with a token that it requests first, does so within this time. Until then its browser must not reopen
// the old one, whose answer would be lost when it is replaced.
const REPLACED_RETRY_MS = 2_000;

// What memory does not have is read from the memberships, the logs of threads, and the members of up to 100 of them: a few commands for each.
const COLD_COST = 5;
const THREADS_AT_COST = 4;

/**
 * Weighs a stream request: one whose position this instance's memory does not have, or that brings none and does not have it saved, costs more.
 * An instance without a memory charges nobody for that.
 */
export function weighStream(
  chat: Pick<ChatContext, "tail" | "threadCounts">,
  { cursor }: Pick<v.InferOutput<typeof StreamQuery>, "cursor">,
  request: Request,
  who: string,
): number {
  if (chat.tail.memory === undefined) return 1;
  const text = request.headers.get("last-event-id") || cursor;
  const isCold = text === undefined ? wantsEvents(request) : isBeyond(chat, parseCursor(text));
  return isCold ? coldWeight(chat.threadCounts, who) : 1;
}

/** Whether a position is none that memory has. */
function isBeyond({ tail: { memory } }: Pick<ChatContext, "tail">, cursor: Cursor | undefined): boolean {
  if (memory === undefined || cursor === undefined) return false;
  return cursor.resync !== undefined || memory.isBeyond(cursor);
}

function coldWeight(threadCounts: ChatContext["threadCounts"], who: string): number {
  return Math.max(COLD_COST, 1 + Math.floor(threadCounts.of(who, THREADS_MAX) / THREADS_AT_COST));
}

// As for each user. All guests whom an address makes in a minute hold as many as they may; an address with more of them is no class and no office.
const HELD_FOR_EACH_NEWCOMER = 8;

/** Guests cost nothing to make, so those of one address hold so many polls and streams together. */
function crowdOf({ config }: Pick<ChatContext, "config">, caller: StreamCaller, request: Request): Crowd | undefined {
  if (!isGuest(caller)) return undefined;
  const name = address(request);
  if (name === UNKNOWN_ADDRESS) return undefined;
  return { name, most: config.rate.guest * HELD_FOR_EACH_NEWCOMER };
}

/**
 * Returns what counts a request that weighed one when it turns out that memory does not have what it asks for: a poll without a cursor whose
 * position is not saved, or lies before the memory, or a cursor that is a little ahead of the log. Whoever gives such a poll up asks for all of it
 * again.
 */
function chargeFor(
  chat: Pick<ChatContext, "tail" | "threadCounts" | "limits">,
  caller: StreamCaller,
  request: Request,
): Charge | undefined {
  if (chat.tail.memory === undefined) return undefined;
  const { id } = caller.actor;
  // Not the request itself, which an open stream would retain.
  const guestFrom = isGuest(caller) ? address(request) : undefined;
  return async () => {
    const cold = coldWeight(chat.threadCounts, id);
    await chat.limits.consumeRest("stream", id, cold);
    if (guestFrom !== undefined) await chat.limits.consumeAsGuest("stream", id, guestFrom, cold);
  };
}

// As a stream request counts that weighs one more.
const LOOK_WEIGHT = 2;

/**
 * Responds to a stream request in the requested form: JSON, a complete event stream, or one that is held open. Throws `bad_cursor`, and
 * `rate_limited` to a guest: one that does not wait is a look at the log, which guests are held to as to what memory does not have.
 */
export function stream(...[chat, caller, query, request]: Parameters<typeof respond>): Response | Promise<Response> {
  if (query.wait !== 0 || !isGuest(caller)) return respond(chat, caller, query, request);
  const counted = chat.limits.consumeAsGuest("stream", caller.actor.id, address(request), LOOK_WEIGHT);
  return counted.then(() => respond(chat, caller, query, request));
}

function respond(
  chat: LiveContext & Pick<ChatContext, "young" | "timings" | "limits">,
  caller: StreamCaller,
  query: v.InferOutput<typeof StreamQuery>,
  request: Request,
): Response | Promise<Response> {
  const events = wantsEvents(request);
  const open = events && query.live === "1" && !isHttp10(request);
  const text = request.headers.get("last-event-id") || query.cursor;
  const resumed = events && !open && text === undefined ? chat.young.resumed(caller, Date.now()) : undefined;
  const given = text === undefined ? undefined : requireCursor(text);
  const isCold = given === undefined ? events : isBeyond(chat, given);
  const options = {
    cursor: given ?? resumed,
    wait: open ? liveSeconds(query.wait, chat.config.liveSeconds) : patience(query.wait),
    limit: query.limit,
    remember: !events,
    holdRoster: events && !open,
    delivered: query.delivered === "1",
    received: text !== undefined,
    crowd: crowdOf(chat, caller, request),
    charge: isCold ? undefined : chargeFor(chat, caller, request),
  };
  if (open) return live(chat, caller, options, request.signal);
  const answer = follow(chat, caller, options, request.signal);
  const timing = chat.timings?.getStore();
  if (timing !== undefined) answer.then(({ waited }) => Object.assign(timing, { wait: waited })).catch(() => undefined);
  if (!events) return answer.then(envelope);
  // For a client that makes a token each time a stream ends (see auth/young-tokens).
  if (text === undefined)
    answer.then(({ cursor }) => chat.young.noteEnd(caller, cursor, Date.now())).catch(() => undefined);
  return answer.then((it) => eventStream(it, resumed === undefined ? RETRY_MS : REPLACED_RETRY_MS));
}

/** Returns the seconds for which an empty answer is held, unless the stream is held open. */
export function patience(wait = WAIT): number {
  return Math.min(wait, WAIT_MAX);
}

/** Returns the seconds for which a stream is held open: what was asked for if that is less than `most`, else a little less than `most`. */
function liveSeconds(wait = Number.POSITIVE_INFINITY, most: number): number {
  return Math.min(wait, most * (1 - Math.random() * LIVE_JITTER));
}

/**
 * Creates the response to a fault. A status other than 200 ends an EventSource for good, so a temporary failure is an event with a longer
 * `retry`.
 */
export function refuseStream(fault: Fault, request: Request): Response {
  if (!wantsEvents(request) || (fault.status !== 429 && fault.status < 500)) return refuse(fault);
  return bounded(`${formatRetry((fault.extra.retryAfter ?? 5) * 1_000)}${formatProblem(fault)}`, 200, EVENT_STREAM);
}

function wantsEvents(request: Request): boolean {
  return /\btext\/event-stream\b/i.test(request.headers.get("accept") ?? "");
}

/** Returns whether a hop used HTTP/1.0, by the Via header (RFC 9110 §7.6.3): without chunks, a body cannot be held open. */
function isHttp10(request: Request): boolean {
  return /(^|,)\s*(HTTP\/)?1\.0\s/i.test(request.headers.get("via") ?? "");
}

/** Creates a response with an answer in the document's envelope. */
function envelope(answer: Answer): Response {
  const { prev, cursor, stanzas, more, pause, hold } = answer;
  const position = `"timestamp":"${new Date().toISOString()}","prev":"${formatCursor(prev)}","cursor":"${formatCursor(cursor)}"`;
  const advice = `${more ? ',"more":true' : ""}${pause === undefined ? "" : `,"pause":${pause}`}${hold === undefined ? "" : `,"hold":${hold}`}`;
  const said = withoutRetracted(stanzas).map((it) => it.body);
  const body = `{${position},"stanzas":[${said.join(",")}]${advice}}`;
  return bounded(body, 200, "application/json");
}

/** Creates a response with an answer as a complete event stream, with which a browser's EventSource polls after `retry` ms. */
function eventStream(answer: Answer, retry: number): Response {
  const pause = answer.pause === undefined ? retry : answer.pause * 1_000;
  return bounded(`${formatRetry(pause)}${formatEvents(answer, Date.now())}`, 200, EVENT_STREAM);
}
