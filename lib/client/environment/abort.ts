/** A signal that aborts when one of its sources does, or when `abort` is called; `done` removes the listeners on the sources. */
export type Linked = { signal: AbortSignal; abort(): void; done(): void };

/** Links signals. AbortSignal.any() is newer than some of the supported browsers, and keeps long-lived sources in memory. */
export function linked(...signals: AbortSignal[]): Linked {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const removals = signals.map((signal) => onAbort(signal, abort));
  const done = () => {
    for (const remove of removals) remove();
  };
  return { signal: controller.signal, abort, done };
}

/** Calls `run` once when a signal aborts, or at once if it has; returns a function that removes the listener. */
export function onAbort(signal: AbortSignal, run: () => void): () => void {
  const remove = () => signal.removeEventListener("abort", listener);
  const listener = () => {
    remove();
    run();
  };
  signal.addEventListener("abort", listener);
  if (signal.aborted) listener();
  return remove;
}
