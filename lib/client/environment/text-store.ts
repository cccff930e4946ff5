/** Stores short texts by name. */
export type TextStore = {
  get(name: string): string | undefined;
  /** Stores a text; an empty one is removed. */
  set(name: string, text: string): void;
  /** Removes all texts. */
  clear(): void;
};

/** A store that keeps nothing. */
export const noStore: TextStore = { get: () => undefined, set: () => {}, clear: () => {} };

/** A store of the browser that survives a reload. If this tab and another one both stored a text, `get` returns this tab's. */
export function browserStore(prefix: string): TextStore {
  return {
    get: (name) => attempt((storage) => storage.getItem(prefix + name) ?? undefined),
    set: (name, text) => {
      const key = prefix + name;
      attempt((storage) => void (text === "" ? storage.removeItem(key) : storage.setItem(key, text)), true);
    },
    clear() {
      attempt((storage) => {
        for (const key of Object.keys(storage)) if (key.startsWith(prefix)) storage.removeItem(key);
        return undefined;
      }, true);
    },
  };
}

/** The store of one user of the deployment at `base`. Without a user, nothing is stored. */
export function userStore(base: string, user: string | undefined): TextStore {
  return user === undefined ? noStore : browserStore(`nereid-chat ${base} ${user} `);
}

// Reading stops at the first storage that has a value. Where storage is forbidden or full, nothing is stored.
function attempt<T>(use: (storage: Storage) => T | undefined, all = false): T | undefined {
  for (const name of ["sessionStorage", "localStorage"] as const) {
    try {
      const found = use(globalThis[name]);
      if (found !== undefined && !all) return found;
    } catch {}
  }
  return undefined;
}
