import type { TextStore } from "../environment/text-store.js";
import type { Deployment } from "../http/deployment.js";
import { JSON_TYPE } from "../http/request.js";
import type { PushOptions } from "../protocol/push-options.js";

// Once a day, the deployment is told again what it may have forgotten.
const DAY_MS = 86_400_000;
/** The name under which a browser stores what it subscribed to: the scope of the worker, when, and the endpoint. */
export const STORED = "push";
/** The name under which it stores, for all users, the scope of the worker and whose the subscription is. */
export const OWNER = "pushes";

/** What a browser stores of the user of a page, and of all users. */
export type PushStores = { entity: string; own: TextStore; all: TextStore };

/**
 * Subscribes this browser to the pushes of the deployment, or renews that. Rejects with `NotAllowedError` when the user or the browser refuses,
 * `NotSupportedError` where the browser has no pushes, and `not_found` where the deployment has none.
 */
export async function subscribe(
  deployment: Deployment,
  { worker = `${deployment.base}push-worker.js`, page = location.pathname + location.search }: PushOptions,
  stores: PushStores,
): Promise<void> {
  if (!("serviceWorker" in navigator) || !("PushManager" in globalThis))
    throw new DOMException("This browser has no pushes", "NotSupportedError");
  // At once: browsers ask only shortly after a click.
  if ((await Notification.requestPermission()) !== "granted")
    throw new DOMException("Notifications are not permitted", "NotAllowedError");
  const registration = await registrationOf(worker);
  await activated(registration);
  const { entity, own, all } = stores;
  await endPushesOf(ownerIn(all, entity), all);
  const known = await registration.pushManager.getSubscription();
  const [, at = "0", endpoint] = own.get(STORED, true)?.split(" ") ?? [];
  if (known && known.endpoint === endpoint && Math.abs(Date.now() - Number(at)) < DAY_MS) return;
  const { publicKey } = await deployment.call<{ publicKey: string }>("push", { has: "publicKey" });
  // One of another deployment, or of keys that were changed since, would be refused by the push service.
  if (known && keyOf(known) !== publicKey) await known.unsubscribe();
  const options = { userVisibleOnly: true, applicationServerKey: publicKey };
  const subscription = await registration.pushManager.subscribe(options);
  const body = { ...subscription.toJSON(), page };
  await deployment.call("push", { method: "POST", has: "id", body });
  own.set(STORED, `${registration.scope} ${Date.now()} ${subscription.endpoint}`);
  all.set(OWNER, `${registration.scope} ${entity}`);
}

/**
 * Ends, at the push service, what another user of this browser has subscribed to and not ended: it would show this user that one's messages. The
 * deployment forgets it when the service refuses the next push. A guest takes the place of a user whose session has expired, who comes back.
 */
export async function endOthers({ entity, all }: PushStores): Promise<void> {
  const other = ownerIn(all, entity);
  if (other !== undefined && (isGuest(other.entity) || !isGuest(entity))) await endPushesOf(other, all);
}

type Owner = { scope: string; entity: string };

/** Returns the other user who has subscribed this browser. */
function ownerIn(all: TextStore, entity: string): Owner | undefined {
  const [scope = "", ...name] = all.get(OWNER, true)?.split(" ") ?? [];
  const owner = name.join(" ");
  return scope === "" || owner === entity ? undefined : { scope, entity: owner };
}

async function endPushesOf(owner: Owner | undefined, all: TextStore): Promise<void> {
  if (owner === undefined) return;
  all.set(OWNER, "");
  await endAt(owner.scope);
}

function isGuest(entity: string): boolean {
  return entity.startsWith("guest,");
}

/** Ends the pushes to this browser: at the deployment, with a token, and at the push service. */
export async function unsubscribe(
  { base, fetch }: Pick<Deployment, "base" | "fetch">,
  token: string,
  { own, all }: PushStores,
): Promise<void> {
  const [scope, , endpoint] = own.get(STORED, true)?.split(" ") ?? [];
  if (scope === undefined || endpoint === undefined) return;
  own.set(STORED, "");
  all.set(OWNER, "");
  const headers = { ...JSON_TYPE, Authorization: `Bearer ${token}` };
  const options = { method: "DELETE", headers, keepalive: true, credentials: "omit" } as const;
  const told = fetch(`${base}push/${await digest(endpoint)}`, options);
  await endAt(scope);
  await told;
}

async function endAt(scope: string): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration(scope);
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}

async function registrationOf(worker: NonNullable<PushOptions["worker"]>): Promise<ServiceWorkerRegistration> {
  if (typeof worker === "string") return navigator.serviceWorker.register(worker);
  const found = await navigator.serviceWorker.getRegistration(worker.scope);
  if (found === undefined) throw new DOMException("The service worker is not registered", "NotFoundError");
  return found;
}

/** Resolves when the worker can receive pushes. */
async function activated({ active, waiting, installing }: ServiceWorkerRegistration): Promise<void> {
  const worker = active ?? waiting ?? installing;
  if (worker === null || worker.state === "activated") return;
  await new Promise<void>((resolve, reject) => {
    worker.addEventListener("statechange", () => {
      if (worker.state === "activated") resolve();
      if (worker.state === "redundant") reject(new DOMException("The service worker cannot be used", "AbortError"));
    });
  });
}

function keyOf({ options }: PushSubscription): string {
  return options.applicationServerKey === null ? "" : base64url(options.applicationServerKey);
}

async function digest(text: string): Promise<string> {
  return base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

function base64url(bytes: ArrayBuffer): string {
  const text = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(text).replace(/[+/=]/g, (it) => ({ "+": "-", "/": "_" })[it] ?? "");
}
