import { type Attention, attention } from "./environment/attention.js";
import { browserStore, noStore, type TextStore } from "./environment/text-store.js";
import { NetworkPath } from "./follow/network-path.js";
import { Stream } from "./follow/stream.js";
import type { Deployment } from "./http/deployment.js";
import { JSON_TYPE } from "./http/request.js";
import type { PushOptions } from "./protocol/push-options.js";
import { Tabs } from "./tabs/tabs.js";

/** The parts of the client that depend on where it runs. */
export type Page = ReturnType<typeof page>;

// Browsers delete a database within milliseconds, or never: when their storage process is gone.
const DELETE_MS = 1_500;
// Outside of a browser's page, the user counts as always present.
const ALWAYS: Attention = { visible: true, offline: false, on: () => () => {} };

/** Returns what this page supports; what is unsupported or not wanted is left out, as is most of it outside of browsers. */
export function page(base: string, { persist, share }: { persist?: boolean; share?: boolean }) {
  const inBrowser = typeof document !== "undefined";
  const canShare = inBrowser && share && navigator.locks !== undefined && typeof BroadcastChannel !== "undefined";
  const prefix = (entity: string) => `nereid-chat ${base} ${entity}`;
  /** The text store of an entity; that of "" is for all of them. */
  const storeOf = (entity: string): TextStore => (persist && inBrowser ? browserStore(`${prefix(entity)} `) : noStore);
  const cursors = (persist && inBrowser ? browserStore(`nereid-chat ${base} `) : noStore).copy(" cursor");
  const pushStores = (entity: string) => ({ entity, own: storeOf(entity), all: storeOf("") });
  return {
    attention: inBrowser ? attention : ALWAYS,
    storeOf,
    /** Returns how far the stream of an entity had come in this browser when this was made, if that is stored. */
    cursorOf: (entity: string): string | undefined => cursors.get(`${entity} cursor`),
    /** Returns what is known of the network path to the deployment. */
    path: (now: number) => new NetworkPath(storeOf(""), now),
    stream: (...parts: ConstructorParameters<typeof Stream>) => new Stream(...parts),
    /** Returns the name under which an entity's unsent messages are stored, if they are. */
    nameOf: (entity: string): string | undefined => (persist && inBrowser ? prefix(entity) : undefined),
    /** Shares the stream of an entity with the other tabs; undefined where this tab has to poll by itself. */
    share(entity: string, stream: Stream): Tabs | undefined {
      try {
        return canShare ? new Tabs(prefix(entity), stream) : undefined;
      } catch {
        // Firefox refuses channels to pages that may not store anything.
        return undefined;
      }
    },
    /** Turns pushes to this browser on for an entity; without options, off. */
    async push(entity: string, deployment: Deployment, options: PushOptions | undefined): Promise<void> {
      const { subscribe, unsubscribe } = await import("./push/push.js");
      const stores = pushStores(entity);
      if (options !== undefined) await subscribe(deployment, options, stores);
      else await deployment.with(({ token }) => unsubscribe(deployment, token, stores));
    },
    /** Ends the pushes to this browser of a user who was here before an entity. */
    async endOthersPushes(entity: string): Promise<void> {
      if (!storeOf("").get("pushes", true)) return;
      const { endOthers } = await import("./push/push.js");
      await endOthers(pushStores(entity));
    },
    /**
     * Revokes the token of an entity, and removes all that this browser stores of it, when what is being stored has been. Its database goes
     * as soon as the other tabs have closed it.
     */
    async forget(
      entity: string,
      { base, fetch, credentials }: Deployment,
      settled: () => Promise<void>,
    ): Promise<void> {
      const { token } = await credentials.get();
      if (storeOf(entity).get("push", true)) {
        const { unsubscribe } = await import("./push/push.js");
        await unsubscribe({ base, fetch }, token, pushStores(entity)).catch(() => {});
      }
      const options = { method: "DELETE", headers: JSON_TYPE, keepalive: true, credentials: "omit" } as const;
      const revoked = fetch(`${base}token/${token}`, options).catch(() => {});
      // A stanza that is being stored would be stored again.
      await settled();
      if (inBrowser) await clear(prefix(entity));
      await revoked;
    },
  };
}

async function clear(name: string): Promise<void> {
  browserStore(`${name} `).clear();
  try {
    await deleted(indexedDB.deleteDatabase(name));
  } catch {
    // A browser without IndexedDB has stored nothing in it.
  }
}

function deleted(deletion: IDBOpenDBRequest): Promise<unknown> {
  return new Promise((resolve) => {
    for (const type of ["success", "error", "blocked"]) deletion.addEventListener(type, resolve);
    setTimeout(resolve, DELETE_MS);
  });
}
