import * as token from "../auth/token.js";
import { hasPassed } from "../elapsed.js";
import type { Cursor } from "../log/cursor.js";
import type { Poll, Server } from "../log/held-polls.js";
import { readMemory } from "./catch-up.js";
import { type Collected, cut } from "./collected.js";
import { countDelivery } from "./delivery-metrics.js";
import { PACE_MS } from "./pacing.js";

/** The writing end of an open stream. */
export type Sink = {
  /** Returns whether its reader has read everything so far; if not, calls `resume` once it has. */
  isReady(resume: () => void): boolean;
  /** Writes stanzas that follow a cursor. */
  write(collected: Collected, prev: Cursor): void;
};

/**
 * Creates the server of a poll that is held for an open stream: what memory has after `poll.at` is written in the turn of the event loop in which
 * it happens, without a promise or a timer. Everything else wakes the poll: what memory does not have, and a token that has to be looked up.
 * A user's own events are news only to that user's other tabs: those that follow closely wait up to `PACE_MS`, for one write to carry them.
 */
export function serveOpen(
  chat: token.TokenContext,
  poll: Poll,
  options: { limit: number; delivered?: boolean },
  sink: Sink,
): Server {
  const resume = () => poll.ring();
  let written = 0;
  return (own) => {
    const now = Date.now();
    if (own && !hasPassed(PACE_MS, written, now)) {
      poll.ringIn(PACE_MS);
      return true;
    }
    if (!sink.isReady(resume)) return true;
    const { at } = poll;
    if (at === undefined || isForgotten(chat, poll.sha)) return false;
    const found = readMemory(chat, poll.entity, at, options);
    if (found === undefined) return false;
    const collected = cut(found.member, at.epoch, found.slice, options.limit);
    poll.at = collected.cursor;
    if (collected.stanzas.length === 0) return !collected.more;
    sink.write(collected, at);
    countDelivery(chat, collected, true, now);
    written = now;
    found.member.answered = now;
    return !collected.more;
  };
}

/** Whether a token, given by its SHA-256 if there is one, has to be looked up: it has expired, was revoked, or may have been. */
export function isForgotten(chat: token.TokenContext, sha: string | undefined): boolean {
  return sha !== undefined && token.findCached(chat, sha, Date.now()) === undefined;
}
