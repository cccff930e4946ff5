import type { ChatEvent } from "../protocol/chat.js";

/** Returns the thread that an event concerns; undefined if it concerns none, or several. */
export function topicOf(event: ChatEvent): string | undefined {
  switch (event.type) {
    case "message":
      return event.message.thread;
    case "typing":
    case "history":
      return event.thread;
    case "edit":
      return event.edit.thread;
    case "retract":
      return event.retract.thread;
    case "reaction":
      return event.reaction.thread;
    case "receipt":
      return event.receipt.thread;
    case "delivered":
      return event.delivered.thread;
    case "setting":
      return event.setting.thread;
    case "thread":
      return event.thread.id;
    default:
      return undefined;
  }
}
