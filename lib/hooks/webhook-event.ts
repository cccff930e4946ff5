import * as v from "valibot";
import { decode } from "../store/keys.js";
import type { Waiting } from "./outbox.js";

/** One webhook: its id, which is the same at every attempt, and its body in JSON. */
export type WebhookEvent = { id: string; body: string };

const Stanza = v.pipe(
  v.string(),
  v.parseJson(),
  v.variant("type", [
    v.looseObject({
      type: v.literal("message"),
      message: v.looseObject({ seq: v.number(), mentions: v.exactOptional(v.array(v.string())) }),
    }),
    v.looseObject({ type: v.literal("edit"), edit: v.looseObject({}) }),
    v.looseObject({ type: v.literal("retract"), retract: v.looseObject({}) }),
    v.looseObject({ type: v.literal("thread"), thread: v.looseObject({ action: v.string() }) }),
    v.looseObject({ type: v.literal("report"), report: v.looseObject({ id: v.string() }) }),
    v.looseObject({ type: v.literal("unread"), unread: v.object({ seq: v.number(), who: v.string() }) }),
  ]),
);

/** Formats an event for the host's server (docs/webhooks.md), one or two webhooks; none for what a later version wrote. */
export function webhooksOf(event: Waiting): WebhookEvent[] {
  const parsed = v.safeParse(Stanza, event.stanza);
  if (!parsed.success) return [];
  const stanza = parsed.output;
  switch (stanza.type) {
    case "message": {
      const { message } = stanza;
      const sent = format(event, "", "message.sent", { message });
      if (!message.mentions?.length) return [sent];
      return [sent, format(event, "-mentioned", "message.mentioned", { message, users: message.mentions })];
    }
    case "edit":
      return [format(event, "", "message.edited", { edit: stanza.edit })];
    case "retract":
      return [format(event, "", "message.retracted", { retract: stanza.retract })];
    case "thread": {
      const type = stanza.thread.action === "created" ? "thread.created" : "thread.changed";
      return [format(event, "", type, { thread: stanza.thread })];
    }
    case "report":
      return [format(event, "", "user.reported", { report: stanza.report })];
    case "unread": {
      const users = stanza.unread.who.split(" ").map(decode);
      return [format(event, "", "message.unread", { thread: event.thread, seq: stanza.unread.seq, users })];
    }
  }
}

function format({ id, at }: Waiting, suffix: string, type: string, data: object): WebhookEvent {
  return { id: `${id}${suffix}`, body: JSON.stringify({ type, timestamp: new Date(at).toISOString(), data }) };
}

/** The seq of the message that an event brings; undefined if it brings none. */
export function seqOf({ stanza }: Waiting): number | undefined {
  const parsed = v.safeParse(Stanza, stanza);
  return parsed.success && parsed.output.type === "message" ? parsed.output.message.seq : undefined;
}
