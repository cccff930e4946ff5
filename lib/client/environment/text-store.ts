/** Keeps short texts by name. */
export type Shelf = { get(name: string): string | undefined; set(name: string, text: string): void };

/** A shelf that nothing is kept on. */
export const noShelf: Shelf = { get: () => undefined, set: () => {} };

/** A shelf of the browser, that survives a reload; of what this tab and another kept, this tab's is found. */
export function shelf(prefix: string): Shelf {
  return {
    get: (name) => attempt((storage) => storage.getItem(prefix + name) ?? undefined),
    set: (name, text) => {
      attempt((storage) => void storage.setItem(prefix + name, text), true);
    },
  };
}

// Reading stops at the first that has something. Where storage is forbidden or full, nothing is kept.
function attempt<T>(use: (storage: Storage) => T | undefined, all = false): T | undefined {
  for (const name of ["sessionStorage", "localStorage"] as const) {
    try {
      const found = use(globalThis[name]);
      if (found !== undefined && !all) return found;
    } catch {}
  }
  return undefined;
}
