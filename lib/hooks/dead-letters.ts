import * as v from "valibot";
import type { Log } from "../log/log.js";
import { countFitting } from "../schema/answer-size.js";
import { text } from "../schema/field.js";
import { listDead, replayDead } from "./outbox.js";
import { webhooksOf } from "./webhook-event.js";

const Place = v.pipe(text, v.regex(/^\d{1,15}-\d{1,15}$/, "must be the place of a dead letter"));

/** The dead letters after a place, or from the first. */
export const DeadLettersQuery = v.object({ after: v.exactOptional(Place) });

/** The body of `POST server/dead-letters`: what to send once more. */
export const Replay = v.object(
  {
    places: v.pipe(
      v.array(Place, "must be a list"),
      v.minLength(1, "must name at least one"),
      v.maxLength(100, "must name at most 100"),
    ),
  },
  "must be an object",
);

/** An event that the host's server did not take for a day: when it was given up, its webhook-id, and the bodies that it had. */
export type DeadLetter = { place: string; timestamp: string; id: string; thread: string; webhooks: unknown[] };

/** Lists what the host's server did not take for a day, the oldest first, up to 100 and 1 MiB. */
export async function deadLetters(
  log: Log,
  { after }: v.InferOutput<typeof DeadLettersQuery>,
): Promise<{ deadLetters: DeadLetter[]; more?: true }> {
  const { events, isLast } = await listDead(log, after);
  const all = events.map((event) => ({
    place: event.place,
    timestamp: new Date(event.at).toISOString(),
    id: event.id,
    thread: event.thread,
    webhooks: webhooksOf(event).map(({ body }): unknown => JSON.parse(body)),
  }));
  // A letter has less than 40 KiB, so one fits.
  const fitting = countFitting(all.map((it) => JSON.stringify(it)));
  return { deadLetters: all.slice(0, fitting), ...(fitting < all.length || !isLast ? { more: true } : {}) };
}

/** Sends dead letters once more, under the ids that they had, for another day; counts those that there were. */
export async function replay(log: Log, { places }: v.InferOutput<typeof Replay>): Promise<{ replayed: number }> {
  const replayed = await replayDead(log, places);
  log.outbox?.ring();
  return { replayed };
}
