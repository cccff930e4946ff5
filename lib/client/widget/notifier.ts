import type { Message } from "../protocol/stanza.js";
import type { Inbox } from "../view/inbox.js";
import { conversationTitle, personName } from "./names.js";
import { plainText } from "./richtext.js";
import type { Strings } from "./strings.js";

const BODY_MAX = 200;

/**
 * Whether the browser can show notifications, and the user has not denied them. Chrome on Android shows only those of a service worker,
 * although it has the constructor.
 */
export function canNotify(): boolean {
  try {
    return Notification.permission !== "denied" && !/Android/i.test(navigator.userAgent);
  } catch {
    // The browser has none, or keeps them from this page.
    return false;
  }
}

/** Requests permission for notifications. Call it only on a click. */
export async function requestPermission(): Promise<boolean> {
  try {
    return canNotify() && (await Notification.requestPermission()) === "granted";
  } catch {
    // A frame of another origin may not ask.
    return false;
  }
}

/**
 * Shows a desktop notification of a message, unless the page has the focus, the message is the user's own, or its thread is muted.
 * Returns whether the browser can do that.
 */
export function notify(inbox: Inbox, message: Message, strings: Strings, show: (thread: string) => void): boolean {
  const conversation = inbox.conversations.get(message.thread);
  const by = message.sender?.id;
  if (conversation === undefined || by === undefined || by === inbox.me?.id || conversation.thread.muted) return true;
  if (document.visibilityState === "visible" && document.hasFocus()) return true;
  const room = conversation.thread.kind === "room" ? conversationTitle(inbox, conversation, strings) : undefined;
  const name = personName(inbox, by, strings);
  const title = room === undefined ? name : `${name} · ${room}`;
  try {
    // The tag makes several tabs show one notification.
    const tag = `nereid ${message.thread}`;
    const notification = new Notification(title, { body: plainText(message).slice(0, BODY_MAX), tag });
    notification.onclick = () => {
      window.focus();
      show(message.thread);
      notification.close();
    };
    return true;
  } catch {
    return false;
  }
}
