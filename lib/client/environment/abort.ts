/** A signal that aborts when one of its sources does, or when `abort` is called; `done` removes the listeners on the sources. */
export type Linked = { signal: AbortSignal; abort(): void; done(): void };

/** Links signals. AbortSignal.any() is newer than some of the supported browsers, and keeps long-lived sources in memory. */
export function linked(...signals: AbortSignal[]): Linked {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const done = () => {
    for (const signal of signals) signal.removeEventListener("abort", abort);
  };
  for (const signal of signals) {
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
  }
  return { signal: controller.signal, abort, done };
}
