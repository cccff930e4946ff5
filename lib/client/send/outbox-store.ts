/** A stanza that waits to be sent. */
export type Entry = { id: string; stanza: { type: string; [payload: string]: unknown } };

/** Where stanzas wait, in the order they came. */
export type Drawer = {
  add(entry: Entry): Promise<void>;
  list(): Promise<Entry[]>;
  remove(id: string): Promise<void>;
};

/** A drawer that is lost with the page. */
export function memoryDrawer(): Drawer {
  const entries = new Map<string, Entry>();
  return {
    add: async (entry) => void entries.set(entry.id, entry),
    list: async () => [...entries.values()],
    remove: async (id) => void entries.delete(id),
  };
}

const STORE = "outbox";

/** A drawer that survives the page; where the browser has none, one that does not. */
export async function openDrawer(name: string): Promise<Drawer> {
  try {
    const opening = indexedDB.open(name);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(STORE, { autoIncrement: true }).createIndex("id", "id");
    };
    const database = await done(opening);
    // So that another tab may delete it.
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
    return memoryDrawer();
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
