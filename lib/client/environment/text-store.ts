/** Stores short texts by name. */
export type TextStore = {
  /** Returns a text; with `latest`, the one that was stored last, whichever tab stored it. */
  get(name: string, latest?: boolean): string | undefined;
  /** Stores a text; an empty one is removed. */
  set(name: string, text: string): void;
  /** Removes all texts. */
  clear(): void;
  /** Copies the texts whose names have an ending, by name, as `get` returns them now. */
  copy(ending: string): ReadonlyMap<string, string>;
  /** Calls `changed` when another tab has stored or removed a text; returns a function that ends that. */
  watch(changed: (name: string, text: string) => void): () => void;
};

// A tab's own storage is asked first.
const BOTH: readonly ("sessionStorage" | "localStorage")[] = ["sessionStorage", "localStorage"];

/** A store that keeps nothing. */
export const noStore: TextStore = {
  get: () => undefined,
  set: () => {},
  clear: () => {},
  copy: () => new Map(),
  watch: () => () => {},
};

/** A store of the browser that survives a reload. If this tab and another one both stored a text, `get` returns this tab's. */
export function browserStore(prefix: string): TextStore {
  return {
    get: (name, latest = false) =>
      attempt((storage) => storage.getItem(prefix + name) ?? undefined, latest ? BOTH.toReversed() : BOTH),
    set: (name, text) => {
      const key = prefix + name;
      attempt((storage) => void (text === "" ? storage.removeItem(key) : storage.setItem(key, text)), BOTH, true);
    },
    clear() {
      attempt(
        (storage) => {
          for (const key of Object.keys(storage)) if (key.startsWith(prefix)) storage.removeItem(key);
          return undefined;
        },
        BOTH,
        true,
      );
    },
    copy(ending) {
      const all = new Map<string, string>();
      const copy = (storage: Storage) => {
        for (const key of Object.keys(storage))
          if (key.startsWith(prefix) && key.endsWith(ending))
            all.set(key.slice(prefix.length), storage.getItem(key) ?? "");
        return undefined;
      };
      attempt(copy, BOTH.toReversed(), true);
      return all;
    },
    watch(changed) {
      const onStorage = ({ key, newValue }: StorageEvent) => {
        if (key?.startsWith(prefix)) changed(key.slice(prefix.length), newValue ?? "");
      };
      addEventListener("storage", onStorage);
      return () => removeEventListener("storage", onStorage);
    },
  };
}

/** The store of one user of the deployment at `base`. Without a user, nothing is stored. */
export function userStore(base: string, user: string | undefined): TextStore {
  return user === undefined ? noStore : browserStore(`nereid-chat ${base} ${user} `);
}

// Reading stops at the first storage that has a value. Where storage is forbidden or full, nothing is stored.
function attempt<T>(use: (storage: Storage) => T | undefined, names = BOTH, all = false): T | undefined {
  for (const name of names) {
    try {
      const found = use(globalThis[name]);
      if (found !== undefined && !all) return found;
    } catch {}
  }
  return undefined;
}
