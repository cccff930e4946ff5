import type { Attachment, OutgoingFile } from "../protocol/file.js";

/** A file of a message that waits; once it is uploaded, with the attachment that names it. */
export type WaitingFile = OutgoingFile & { attachment?: Attachment };

/** A stanza that waits to be sent, and the files of a message that are yet to be uploaded. */
export type OutboxEntry = {
  id: string;
  stanza: { type: string; [payload: string]: unknown };
  files?: readonly WaitingFile[] | undefined;
};

/** Stores stanzas in the order in which they were added. Any call may reject: the browser can take a store away at any time. */
export type OutboxStore = {
  add(entry: OutboxEntry): Promise<void>;
  list(): Promise<OutboxEntry[]>;
  /** Replaces an entry in its place; one that is not there stays away. */
  replace(entry: OutboxEntry): Promise<void>;
  remove(id: string): Promise<void>;
};

/** A store in memory, lost with the page. */
export function memoryStore(): OutboxStore {
  const entries = new Map<string, OutboxEntry>();
  return {
    add: async (entry) => void entries.set(entry.id, entry),
    list: async () => [...entries.values()],
    replace: async (entry) => void (entries.has(entry.id) && entries.set(entry.id, entry)),
    remove: async (id) => void entries.delete(id),
  };
}

const STORE = "outbox";
// Browsers answer within milliseconds, or never: when their storage process is gone, or another tab holds an older version open.
const TIMEOUT_MS = 1_500;
// After a failure, calls fail at once for so long, before the database is opened again.
const REST_MS = 5_000;

/**
 * A store in IndexedDB, which survives a reload. Calls reject where the browser has no IndexedDB or refuses it; after a connection was
 * closed or has failed, the database is opened again.
 */
export function indexedStore(name: string, now: () => number): OutboxStore {
  let opening: Promise<IDBDatabase> | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;
  const forget = () => {
    opening = undefined;
  };
  const use = async <T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => Promise<T>): Promise<T> => {
    if (Math.abs(now() - failedAt) < REST_MS)
      throw new Error("Cannot use the outbox: the browser's storage has failed");
    opening ??= open(name, forget);
    try {
      return await inTime(opening.then((database) => inTransaction(database, mode, work)));
    } catch (error) {
      // A full disk does not end the connection, and has room for what is smaller.
      if (error instanceof DOMException && error.name === "QuotaExceededError") throw error;
      failedAt = now();
      opening?.then((database) => database.close()).catch(() => {});
      forget();
      throw error;
    }
  };
  const change = (id: string, entry?: OutboxEntry) =>
    use("readwrite", async (store) => {
      const keys = await done(store.index("id").getAllKeys(id));
      for (const key of keys) await (entry ? done(store.put(entry, key)) : done(store.delete(key)));
    });
  return {
    add: async (entry) => void (await use("readwrite", (store) => done(store.add(entry)))),
    list: () => use("readonly", (store) => done(store.getAll())),
    replace: (entry) => change(entry.id, entry),
    remove: (id) => change(id),
  };
}

function open(name: string, closed: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore(STORE, { autoIncrement: true }).createIndex("id", "id");
    };
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      database.onclose = closed;
      // An open connection would keep another tab from deleting the database.
      database.onversionchange = () => {
        database.close();
        closed();
      };
      resolve(database);
    };
  });
}

/** Resolves when the transaction is complete: a request may succeed in one that the browser then gives up. */
async function inTransaction<T>(
  database: IDBDatabase,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => Promise<T>,
): Promise<T> {
  const transaction = database.transaction(STORE, mode);
  const complete = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException("Transaction aborted", "AbortError"));
  });
  const [result] = await Promise.all([work(transaction.objectStore(STORE)), complete]);
  return result;
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DOMException("No answer of the storage", "TimeoutError")), TIMEOUT_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
