/** A stanza that waits to be sent. */
export type OutboxEntry = { id: string; stanza: { type: string; [payload: string]: unknown } };

/** Stores stanzas in the order in which they were added. */
export type OutboxStore = {
  add(entry: OutboxEntry): Promise<void>;
  list(): Promise<OutboxEntry[]>;
  remove(id: string): Promise<void>;
};

/** A store in memory, lost with the page. */
export function memoryStore(): OutboxStore {
  const entries = new Map<string, OutboxEntry>();
  return {
    add: async (entry) => void entries.set(entry.id, entry),
    list: async () => [...entries.values()],
    remove: async (id) => void entries.delete(id),
  };
}

const STORE = "outbox";

/** Opens a store in IndexedDB, which survives a reload; a store in memory where the browser does not allow that. */
export async function openStore(name: string): Promise<OutboxStore> {
  try {
    const opening = indexedDB.open(name);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(STORE, { autoIncrement: true }).createIndex("id", "id");
    };
    const database = await done(opening);
    // An open connection would keep another tab from deleting the database.
    database.onversionchange = () => database.close();
    const store = (mode: IDBTransactionMode) => database.transaction(STORE, mode).objectStore(STORE);
    return {
      add: async (entry) => void (await done(store("readwrite").add(entry))),
      list: () => done(store("readonly").getAll()),
      async remove(id) {
        const all = store("readwrite");
        const key = await done(all.index("id").getKey(id));
        if (key !== undefined) await done(all.delete(key));
      },
    };
  } catch {
    return memoryStore();
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
