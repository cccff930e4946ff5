import { linked, onAbort } from "../environment/abort.js";

// A frozen tab keeps its lock, and a lock manager that has failed never answers. After this time, run without it: a stanza has an id, so
// sending it twice is harmless.
const LOCK_TIMEOUT_MS = 5_000;
// A lock that was not granted in time is hardly granted the next time.
const NEXT_TIMEOUT_MS = 200;

/** Returns a function that runs something while no other tab does, or once the lock has been busy for too long. */
export function alone(lock: string, closed: AbortSignal): (run: () => Promise<void>) => Promise<void> {
  let patience = LOCK_TIMEOUT_MS;
  return async (run) => {
    const { locks } = globalThis.navigator ?? {};
    if (!locks) return run();
    const waiting = linked(closed);
    const timer = setTimeout(waiting.abort, patience);
    const late = new Promise<true>((resolve) => onAbort(waiting.signal, () => resolve(true)));
    let locked = false;
    const begin = () => {
      // Granted after all, when this has begun without it.
      if (waiting.signal.aborted) return;
      locked = true;
      patience = LOCK_TIMEOUT_MS;
      clearTimeout(timer);
      waiting.done();
      return run();
    };
    try {
      const request = async () => locks.request(lock, { signal: waiting.signal }, begin);
      if ((await Promise.race([request(), late])) !== true) return;
    } catch (error) {
      if (locked || closed.aborted) throw error;
    } finally {
      clearTimeout(timer);
      waiting.done();
    }
    closed.throwIfAborted();
    patience = NEXT_TIMEOUT_MS;
    await run();
  };
}
