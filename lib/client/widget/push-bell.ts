import type { Ring } from "./notifier.js";
import type { Widget } from "./part.js";

// Loaded where the page names a service worker for pushes.

type Bell = Pick<Widget, "chat" | "show" | "pushWorker">;

/** The widgets that open the threads of notifications, by their worker's messages. */
const opened = new WeakSet<Bell["chat"]>();

/**
 * Turns pushes to this browser on or off. Returns how to ring while the page is open: by the worker, since browsers on phones show no
 * notifications of pages; undefined when pushes are off, or the user refuses them.
 */
export async function turn({ chat, show, pushWorker }: Bell, wanted: boolean): Promise<Ring | undefined> {
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
  if (!opened.has(chat)) {
    opened.add(chat);
    navigator.serviceWorker.addEventListener("message", ({ data }) => {
      if (data?.type === "nereid-chat" && typeof data.thread === "string") show(data.thread);
    });
  }
  return (title, options, _, thread) => {
    const page = location.pathname + location.search;
    void registration?.showNotification(title, { ...options, data: { thread, page } });
  };
}
