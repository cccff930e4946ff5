import { withGuest } from "./guest-name.js";

// The service worker of pushes, which the host copies or imports into its own: shows a notification for each push of a deployment, takes it back
// when the message was read elsewhere, and opens the page at a click. Pushes of others are left to others.

type Extendable = Event & { waitUntil(work: Promise<unknown>): void };
type PushEvent = Extendable & { data: { json(): unknown } | null };
type ClickEvent = Extendable & { notification: Notification };
type ChangeEvent = Extendable & { oldSubscription?: PushSubscription | null };
type WindowClient = { url: string; focus(): Promise<WindowClient>; postMessage(message: unknown): void };

/** What the worker uses of its global scope: the types of pages have none of workers. */
declare const self: {
  registration: ServiceWorkerRegistration;
  clients: {
    matchAll(options: { type: "window"; includeUncontrolled: true }): Promise<WindowClient[]>;
    openWindow(url: string): Promise<WindowClient | null>;
  };
  addEventListener(type: "push", listener: (event: PushEvent) => void): void;
  addEventListener(type: "notificationclick", listener: (event: ClickEvent) => void): void;
  addEventListener(type: "pushsubscriptionchange", listener: (event: ChangeEvent) => void): void;
};

type Push = {
  type: unknown;
  thread: string;
  tag: string;
  title: string;
  guest?: number;
  body: string;
  icon?: string;
  page?: string;
};

const TAG = "nereid ";

self.addEventListener("push", (event) => {
  const push = pushOf(event);
  if (push?.type === "message") event.waitUntil(show(push));
  if (push?.type === "close") event.waitUntil(takeBack(push.tag));
});

self.addEventListener("notificationclick", (event) => {
  const { notification } = event;
  if (!notification.tag.startsWith(TAG)) return;
  notification.close();
  event.waitUntil(open(Object(notification.data)));
});

// The page tells the deployment of the new subscription when it is next opened: the worker has no credential.
self.addEventListener("pushsubscriptionchange", (event) => {
  const options = event.oldSubscription?.options;
  if (options) event.waitUntil(self.registration.pushManager.subscribe(options));
});

function pushOf(event: PushEvent): Push | undefined {
  try {
    const push = Object(event.data?.json());
    return typeof push.tag === "string" && push.tag.startsWith(TAG) ? push : undefined;
  } catch {
    return undefined;
  }
}

function show({ title, guest, body, tag, icon, thread, page }: Push): Promise<void> {
  const marked = guest === undefined ? title : withGuest(title, guest, navigator.language);
  // A newer message of the same conversation rings again; the types of pages do not know that option.
  const again = { renotify: true };
  return self.registration.showNotification(marked, {
    body,
    tag,
    ...(icon && { icon }),
    data: { thread, page },
    ...again,
  });
}

async function takeBack(tag: string): Promise<void> {
  for (const notification of await self.registration.getNotifications({ tag })) notification.close();
}

/** Shows the page of a notification: one that is open, and is told which thread, or a new one. */
async function open({ thread, page = "" }: { thread?: string; page?: string }): Promise<void> {
  const { scope } = self.registration;
  const wanted = new URL(page, scope);
  // A page of another site would be opened in the name of this one.
  const target = wanted.origin === new URL(scope).origin ? wanted : new URL(scope);
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find(({ url }) => new URL(url).pathname === target.pathname);
  if (there === undefined) return void (await self.clients.openWindow(target.href));
  there.postMessage({ type: "nereid-chat", thread });
  await there.focus();
}
