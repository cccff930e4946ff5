import type { Message } from "../protocol/stanza.js";
import { partner } from "../view/partner.js";
import { conversationTitle, personName } from "./names.js";
import type { Widget } from "./part.js";

// Loaded when the user turns notifications on.

const BODY_MAX = 200;

/** What is said in English to a user who wants notifications that the browser refuses. */
export const NOT_ALLOWED =
  "Your browser blocks notifications of this site. Allow them in the settings of the site, next to the address of the page.";

/** Notifies of a message, of which it is given the plain text, if that is wanted; returns whether the browser can. */
export type Notifier = (widget: Widget, message: Message, text: string) => boolean;

/** Shows a notification, whose click opens a thread; returns what takes it back. */
type Ring = (title: string, options: NotificationOptions, open: () => void, thread: string) => () => void;

/**
 * Turns notifications on or off: those of this page, or pushes, where the page names a service worker. Returns what notifies while the page is
 * open; undefined when they are off, or the user refuses them. Call it on a click, or where they were on. Rejects with what to tell whoever has
 * clicked when the browser blocks them.
 */
export async function turn(widget: Widget, wanted: boolean): Promise<Notifier | undefined> {
  // Before the question, which may stand for long. Where it is asked at the beginning of a page, since it was allowed once, nobody waits for an answer.
  const clicked = navigator.userActivation?.isActive !== false;
  const ring = widget.pushWorker ? await turnPushes(widget, wanted) : await turnHere(widget, wanted);
  if (ring === undefined && wanted && clicked && Notification.permission === "denied")
    throw Object.assign(new Error(widget.strings.notAllowed ?? NOT_ALLOWED), { code: "refused" });
  if (ring === undefined) return undefined;
  const shown: Shown = new Map();
  return (current, message, text) => notify(current, message, text, ring, shown);
}

/** The threads of which a notification was shown, each with what ends waiting for a retraction of its message. */
type Shown = Map<string, () => void>;

/** Takes the notification of a message back when it is retracted, unless one of a newer message of the thread has taken its place. */
function watch({ chat }: Widget, { thread, id }: Message, takeBack: () => void, shown: Shown): void {
  shown.get(thread)?.();
  const stop = chat.on("retract", ({ retract }) => {
    if (retract.thread !== thread || retract.id !== id) return;
    stop();
    takeBack();
  });
  shown.set(thread, stop);
}

/** The page rings by itself. The user's choice is kept for the next page. */
async function turnHere({ store }: Widget, wanted: boolean): Promise<Ring | undefined> {
  const ring = wanted && (await ask()) ? ringHere : undefined;
  store().set("bell", ring ? "on" : "");
  return ring;
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
    const done = registration?.showNotification(title, { ...options, data: { thread, page } });
    return async () => {
      await done;
      for (const it of (await registration?.getNotifications({ tag: `nereid ${thread}` })) ?? []) it.close();
    };
  };
}

/** Shows a notification of a message, unless the page has the focus, the message is the user's own, or its thread is muted. */
function notify(widget: Widget, message: Message, text: string, ring: Ring, shown: Shown): boolean {
  const { mirror, strings, show } = widget;
  const { inbox } = mirror;
  const conversation = inbox.conversations.get(message.thread);
  const by = message.sender?.id;
  if (conversation === undefined || by === undefined || by === inbox.me?.id || conversation.thread.muted) return true;
  if (document.visibilityState === "visible" && document.hasFocus()) return true;
  const room =
    partner(conversation, inbox.me?.id) === undefined ? conversationTitle(inbox, conversation, strings) : undefined;
  const name = personName(inbox, by, strings);
  const title = room === undefined ? name : `${name} · ${room}`;
  try {
    // The tag makes several tabs show one notification.
    const tag = `nereid ${message.thread}`;
    const options = { body: [...text].slice(0, BODY_MAX).join(""), tag };
    watch(
      widget,
      message,
      ring(title, options, () => show(message.thread), message.thread),
      shown,
    );
    return true;
  } catch {
    return false;
  }
}

/** Shows a notification of this page. Throws where the browser has none. */
function ringHere(...[title, options, open]: Parameters<Ring>): () => void {
  const notification = new Notification(title, options);
  notification.onclick = () => {
    window.focus();
    open();
    notification.close();
  };
  return () => notification.close();
}
