import type { Message } from "../protocol/stanza.js";
import type { Inbox } from "../view/inbox.js";
import { conversationTitle, personName } from "./names.js";
import { plainText } from "./richtext.js";
import type { Strings } from "./strings.js";

const BODY_MAX = 200;

/** Shows a notification, whose click opens a thread. */
export type Ring = (title: string, options: NotificationOptions, open: () => void, thread: string) => void;

/**
 * Whether the browser can show notifications, and the user has not denied them. Chrome on Android shows only those of a service worker,
 * although it has the constructor.
 */
export function canNotify(worker?: string): boolean {
  try {
    return Notification.permission !== "denied" && (!!worker || !/Android/i.test(navigator.userAgent));
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
 * Shows a notification of a message by `ring`, unless the page has the focus, the message is the user's own, or its thread is muted.
 * Returns whether the browser can do that.
 */
export function notify(
  inbox: Inbox,
  message: Message,
  strings: Strings,
  show: (thread: string) => void,
  ring: Ring,
): boolean {
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
    const options = { body: plainText(message).slice(0, BODY_MAX), tag };
    ring(title, options, () => show(message.thread), message.thread);
    return true;
  } catch {
    return false;
  }
}

/** Shows a notification of this page. Throws where the browser has none. */
export function ringHere(...[title, options, open]: Parameters<Ring>): void {
  const notification = new Notification(title, options);
  notification.onclick = () => {
    window.focus();
    open();
    notification.close();
  };
}
