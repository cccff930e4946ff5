/** A signal that aborts when one of several does, or is told to; `done` lets go of them. */
export type Linked = { signal: AbortSignal; abort(): void; done(): void };

/** Links signals. AbortSignal.any() is younger than some of the browsers, and holds what lives long. */
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
