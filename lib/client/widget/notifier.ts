import type { Message } from "../protocol/stanza.js";
import type { Inbox } from "../view/inbox.js";
import { nameOf, titleOf } from "../view/inbox.js";
import { plainText } from "./richtext.js";

/** Whether the browser can show notifications here, and has not been told not to. */
export function canNotify(): boolean {
  return "Notification" in globalThis && Notification.permission !== "denied";
}

/** Asks for leave to notify; only ever in answer to a person's click. */
export async function allowed(): Promise<boolean> {
  return canNotify() && (await Notification.requestPermission()) === "granted";
}

/** Shows a message on the desktop, unless the page is looked at, it is one's own, or its thread is mute. */
export function notify(inbox: Inbox, message: Message, show: (thread: string) => void): void {
  const conversation = inbox.conversations.get(message.thread);
  const by = message.sender?.id;
  if (conversation === undefined || by === undefined || by === inbox.me?.id || conversation.thread.muted) return;
  if (document.visibilityState === "visible" && document.hasFocus()) return;
  const room = conversation.thread.kind === "room" ? titleOf(inbox, conversation) : undefined;
  const title = room === undefined ? nameOf(inbox, by) : `${nameOf(inbox, by)} · ${room}`;
  // Several tabs that hear the same show it once.
  const shown = new Notification(title, { body: plainText(message).slice(0, 200), tag: `nereid ${message.thread}` });
  shown.onclick = () => {
    window.focus();
    show(message.thread);
    shown.close();
  };
}
