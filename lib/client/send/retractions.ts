import { threadPath } from "../http/calls.js";
import type { Deployment } from "../http/deployment.js";
import { codeOf } from "../protocol/problem.js";
import type { Message } from "../protocol/stanza.js";
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

/**
 * Returns nothing if a retraction was refused although the message is retracted; else throws the error. A browser repeats a request by itself when
 * a connection that was used before ends without a response: the first response that is seen here may be the one to the second request.
 */
export async function allowRetracted(
  deployment: Deployment,
  { retract }: OutboxEntry["stanza"],
  error: unknown,
): Promise<undefined> {
  if (codeOf(error) !== "message_not_found") throw error;
  const { thread, id } = Object(retract);
  const options = { query: { around: id, limit: 1 }, has: "messages" };
  const page = await deployment.call<{ messages: Message[] }>(`${threadPath(thread)}/messages`, options).catch(() => {
    throw error;
  });
  const isGone = page.messages.some(
    (it) => it.retracted !== undefined && it.id.toLowerCase() === `${id}`.toLowerCase(),
  );
  if (!isGone) throw error;
}
