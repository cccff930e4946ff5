import type { Outcome } from "./outbox.js";
import type { OutboxEntry } from "./outbox-store.js";

// Retractions that are remembered: more than a user makes before they look again at what they retracted.
const RETRACTED_MAX = 500;

/** The messages that this client has retracted: to retract one again is not an error, though the deployment does not find it. */
export class Retractions {
  #done = new Set<string>();

  /** Returns the outcome of a stanza: that of a retraction that an earlier attempt, whose response was lost, has made is no problem. */
  settle({ type, retract }: OutboxEntry["stanza"], { repeated, ...outcome }: Outcome): Outcome {
    if (type !== "retract") return outcome;
    const { thread, id } = Object(retract);
    const key = `${thread} ${id}`.toLowerCase();
    const gone = outcome.problem?.code === "message_not_found" && (repeated || this.#done.has(key));
    if (outcome.problem !== undefined && !gone) return outcome;
    this.#done.add(key);
    const [first] = this.#done;
    if (this.#done.size > RETRACTED_MAX && first !== undefined) this.#done.delete(first);
    const { problem: _, ...done } = outcome;
    return done;
  }
}
