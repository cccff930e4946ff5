import type { Message } from "../protocol/stanza.js";
import { conversationTitle, personName } from "./names.js";
import type { Widget } from "./part.js";

// Loaded when the user turns notifications on.

const BODY_MAX = 200;

/** Notifies of a message, of which it is given the plain text, if that is wanted; returns whether the browser can. */
export type Notifier = (widget: Widget, message: Message, text: string) => boolean;

/** Shows a notification, whose click opens a thread. */
type Ring = (title: string, options: NotificationOptions, open: () => void, thread: string) => void;

/**
 * Turns notifications on or off: those of this page, or pushes, where the page names a service worker. Returns what notifies while the page is
 * open; undefined when they are off, or the user refuses them. Call it on a click, or where they were on.
 */
export async function turn(widget: Widget, wanted: boolean): Promise<Notifier | undefined> {
  const ring = widget.pushWorker ? await turnPushes(widget, wanted) : wanted && (await ask()) ? ringHere : undefined;
  return ring && ((current, message, text) => notify(current, message, text, ring));
}

async function ask(): Promise<boolean> {
  try {
    return (await Notification.requestPermission()) === "granted";
  } catch {
    // A frame of another origin may not ask.
    return false;
  }
}

/** The page rings by its worker, too: browsers on phones show no notifications of pages. */
async function turnPushes({ chat, show, pushWorker }: Widget, wanted: boolean): Promise<Ring | undefined> {
  if (!wanted) {
    await chat.stopPush();
    return undefined;
  }
  try {
    await chat.push({ worker: pushWorker });
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotAllowedError") return undefined;
    throw error;
  }
  const registration = await navigator.serviceWorker.getRegistration(pushWorker);
  navigator.serviceWorker.onmessage = ({ data }) => {
    if (data?.type === "nereid-chat" && typeof data.thread === "string") show(data.thread);
  };
  return (title, options, _, thread) => {
    const page = location.pathname + location.search;
    void registration?.showNotification(title, { ...options, data: { thread, page } });
  };
}

/** Shows a notification of a message, unless the page has the focus, the message is the user's own, or its thread is muted. */
function notify({ mirror, strings, show }: Widget, message: Message, text: string, ring: Ring): boolean {
  const { inbox } = mirror;
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
    const options = { body: text.slice(0, BODY_MAX), tag };
    ring(title, options, () => show(message.thread), message.thread);
    return true;
  } catch {
    return false;
  }
}

/** Shows a notification of this page. Throws where the browser has none. */
function ringHere(...[title, options, open]: Parameters<Ring>): void {
  const notification = new Notification(title, options);
  notification.onclick = () => {
    window.focus();
    open();
    notification.close();
  };
}
