import * as v from "valibot";
import { bad, type Finding, good, skipped, warning } from "../finding.js";
import { failureOf, jsonOf, type Site } from "./site.js";
import type { Visitor } from "./visitor.js";

/** Checks, at the same time, whether a live stream passes as it is written, and whether a poll can be held for `hold` seconds. */
export async function checkStreamPath(site: Site, visitor: Visitor, hold: number): Promise<Finding[]> {
  return Promise.all([checkLive(site, visitor, hold), checkPoll(site, visitor, hold)]);
}

// The chat writes its first line at once.
const FIRST_MS = 3_000;
// Beyond the hold, for the way there and back.
const MARGIN_MS = 10_000;

async function checkLive(site: Site, { token }: Visitor, hold: number): Promise<Finding> {
  const began = performance.now();
  const ms = () => performance.now() - began;
  let first: number | undefined;
  try {
    const response = await site.fetch(`${site.base}/stream/${token}?live=1&wait=${hold}`, {
      headers: { Accept: "text/event-stream" },
      signal: AbortSignal.timeout(hold * 1_000 + MARGIN_MS),
    });
    if (!/event-stream/.test(response.headers.get("content-type") ?? ""))
      return bad(
        "live stream",
        `A live stream gets status ${response.status} (${response.headers.get("content-type")})`,
        "Let the header Accept through to the chat",
      );
    const length = response.headers.has("content-length");
    for await (const _ of response.body ?? []) first ??= ms();
    return judgeLive(first, ms(), hold, length);
  } catch (error) {
    return first === undefined || first > FIRST_MS
      ? buffered(first, seconds(ms()))
      : cut("live stream", failureOf(error), seconds(ms()));
  }
}

function judgeLive(first: number | undefined, total: number, hold: number, length: boolean): Finding {
  if (first === undefined || first > Math.min(FIRST_MS, total / 2)) {
    return length
      ? warning(
          "live stream",
          "Streams come as whole responses: something on the way speaks HTTP/1.0",
          "Let the proxy speak HTTP/1.1 (nginx: proxy_http_version 1.1). Until then clients poll",
        )
      : buffered(first, seconds(total));
  }
  if (total < hold * 900) return cut("live stream", "it ended", seconds(total));
  return good(
    "live stream",
    `Its first bytes come after ${Math.round(first)} ms, and it stays open for ${seconds(total)} s`,
  );
}

function buffered(first: number | undefined, total: number): Finding {
  const when =
    first === undefined ? `nothing came within ${total} s` : `its first bytes came after ${seconds(first)} s`;
  return bad(
    "live stream",
    `It is buffered on the way: ${when}`,
    "Switch buffering off for the path of the chat (nginx: proxy_buffering off, or pass X-Accel-Buffering on). Until then clients poll",
  );
}

// The chat may return early when something happens, and a new visitor is told who is there.
const ROUNDS = 3;
const Answer = v.object({ cursor: v.string(), stanzas: v.array(v.unknown()) });

async function checkPoll(site: Site, { token, cursor }: Visitor, hold: number): Promise<Finding> {
  let at = cursor;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    const age = () => seconds(performance.now() - began);
    try {
      const url = `${site.base}/stream/${token}?wait=${hold}&cursor=${encodeURIComponent(at)}`;
      const response = await site.fetch(url, { signal: AbortSignal.timeout(hold * 1_000 + MARGIN_MS) });
      const answer = v.safeParse(Answer, jsonOf(await response.text()));
      if (!answer.success) return cut("held poll", `status ${response.status}`, age());
      if (age() >= hold * 0.9) return good("held poll", `A poll is held for ${age()} s`);
      at = answer.output.cursor;
    } catch (error) {
      return cut("held poll", failureOf(error), age());
    }
  }
  return skipped("held poll", "Each poll was answered before its end: something happened", "Try again");
}

function cut(subject: string, reason: string, after: number): Finding {
  return bad(
    subject,
    `It is cut after ${after} s: ${reason}`,
    "Raise the time-outs between browser and chat above 60 s for polls and 300 s for streams (nginx: proxy_read_timeout; Vercel: maxDuration; Bun: idleTimeout). Until then clients wait more briefly",
  );
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
