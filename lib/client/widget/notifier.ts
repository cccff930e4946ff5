import type { Message } from "../protocol/stanza.js";
import type { Inbox } from "../view/inbox.js";
import { nameOf, titleOf } from "../view/inbox.js";
import { plainText } from "./richtext.js";

/** Whether the browser supports notifications, and the user has not denied them. */
export function canNotify(): boolean {
  return "Notification" in globalThis && Notification.permission !== "denied";
}

/** Requests permission for notifications. Call it only on a click. */
export async function requestPermission(): Promise<boolean> {
  return canNotify() && (await Notification.requestPermission()) === "granted";
}

/** Shows a desktop notification of a message, unless the page has the focus, the message is the user's own, or its thread is muted. */
export function notify(inbox: Inbox, message: Message, show: (thread: string) => void): void {
  const conversation = inbox.conversations.get(message.thread);
  const by = message.sender?.id;
  if (conversation === undefined || by === undefined || by === inbox.me?.id || conversation.thread.muted) return;
  if (document.visibilityState === "visible" && document.hasFocus()) return;
  const room = conversation.thread.kind === "room" ? titleOf(inbox, conversation) : undefined;
  const title = room === undefined ? nameOf(inbox, by) : `${nameOf(inbox, by)} · ${room}`;
  // The tag makes several tabs show one notification.
  const notification = new Notification(title, {
    body: plainText(message).slice(0, 200),
    tag: `nereid ${message.thread}`,
  });
  notification.onclick = () => {
    window.focus();
    show(message.thread);
    notification.close();
  };
}
