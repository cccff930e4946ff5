import * as v from "valibot";
import type { Event } from "./event.js";

/** What an event says about a message: the message itself, a correction (XEP-0308) or a retraction (XEP-0424). */
export type Statement = v.InferOutput<typeof Statement>;

// The seq comes first, where delivery receipts look for it.
const Message = v.looseObject({ seq: v.number(), id: v.string(), thread: v.string(), timestamp: v.string() });
const Change = v.looseObject({ thread: v.string(), id: v.string(), entity: v.string(), timestamp: v.string() });
const Statement = v.variant("type", [
  v.object({ type: v.literal("message"), message: Message }),
  v.object({ type: v.literal("edit"), edit: Change }),
  v.object({ type: v.literal("retract"), retract: Change }),
]);

/** Parses what an event says about a message; undefined for any other event. */
export function statementOf({ kind, body }: Pick<Event, "kind" | "body">): Statement | undefined {
  if ((kind !== "direct" && kind !== "post") || !STATEMENT.test(body)) return undefined;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Statement), body);
  return parsed.success ? parsed.output : undefined;
}

const STATEMENT = /^\{"type":"(?:message|edit|retract)",/;
const CHANGE = /^\{"type":"(?:edit|retract)",/;

/** Identifies the message that a statement is about. */
export function subjectOf(statement: Statement): { thread: string; id: string } {
  const { thread, id } =
    statement.type === "message" ? statement.message : statement.type === "edit" ? statement.edit : statement.retract;
  return { thread, id: id.toLowerCase() };
}

/**
 * Returns what is left to say of an earlier statement after a change of the same message; undefined for nothing. What was retracted is
 * not said again, and what was corrected is said as it is now.
 */
export function amend(earlier: Statement, change: Statement): Statement | undefined {
  if (earlier.type === "retract" || change.type === "message") return earlier;
  if (change.type === "retract") {
    if (earlier.type === "edit") return undefined;
    const { seq, id, thread, timestamp } = earlier.message;
    return { type: "message", message: { seq, id, thread, timestamp, retracted: change.retract.timestamp } };
  }
  if (earlier.type === "edit") return { type: "edit", edit: { ...earlier.edit, ...change.edit } };
  const { thread: _, id: __, entity: ___, timestamp: edited, ...content } = change.edit;
  return { type: "message", message: { ...earlier.message, ...content, edited } };
}

/**
 * Keeps a sequence of events in the form that its messages have now: an event that changes a message changes the earlier events about it,
 * in place. Messages are parsed only when there is a change, each once.
 */
export class Amendments {
  #unread: Event[] = [];
  readonly #bySubject = new Map<string, Event[]>();

  /** Adds the next event; returns by how many characters earlier ones have grown. */
  add(event: Event): number {
    const change = CHANGE.test(event.body) ? statementOf(event) : undefined;
    const growth = change === undefined ? 0 : this.#apply(change);
    if (STATEMENT.test(event.body)) this.#unread.push(event);
    return growth;
  }

  /** Forgets the events up to n. */
  forget(n: number): void {
    this.#unread = this.#unread.filter((event) => event.n > n);
    for (const [subject, events] of this.#bySubject) {
      const rest = events.filter((event) => event.n > n);
      if (rest.length === 0) this.#bySubject.delete(subject);
      else this.#bySubject.set(subject, rest);
    }
  }

  #apply(change: Statement): number {
    this.#read();
    let growth = 0;
    for (const event of this.#bySubject.get(keyOf(change)) ?? []) {
      const statement = statementOf(event);
      const length = event.body.length;
      if (statement !== undefined) Object.assign(event, amendedEvent(statement, change));
      growth += event.body.length - length;
    }
    return growth;
  }

  #read(): void {
    for (const event of this.#unread) {
      const statement = statementOf(event);
      if (statement === undefined) continue;
      const key = keyOf(statement);
      const known = this.#bySubject.get(key);
      if (known === undefined) this.#bySubject.set(key, [event]);
      else known.push(event);
    }
    this.#unread = [];
  }
}

function keyOf(statement: Statement): string {
  const { thread, id } = subjectOf(statement);
  return `${thread} ${id}`;
}

/** An event that has nothing left to say is opaque: its number counts, and it is never delivered. */
function amendedEvent(earlier: Statement, change: Statement): Pick<Event, "body"> & Partial<Pick<Event, "kind">> {
  const amended = amend(earlier, change);
  return amended === undefined ? { kind: "opaque", body: "" } : { body: JSON.stringify(amended) };
}
