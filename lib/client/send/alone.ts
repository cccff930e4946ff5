import { linked } from "../environment/abort.js";

// A frozen tab keeps its lock. After this time, run without it: a stanza has an id, so sending it twice is harmless.
const LOCK_TIMEOUT_MS = 15_000;

/** Runs while no other tab does, or once the lock has been busy for too long. */
export async function alone(lock: string, run: () => Promise<void>, closed: AbortSignal): Promise<void> {
  const { locks } = globalThis.navigator ?? {};
  if (!locks) return run();
  const waiting = linked(closed);
  const timer = setTimeout(waiting.abort, LOCK_TIMEOUT_MS);
  let locked = false;
  const begin = () => {
    locked = true;
    clearTimeout(timer);
    return run();
  };
  try {
    await locks.request(lock, { signal: waiting.signal }, begin);
  } catch (error) {
    if (locked || closed.aborted) throw error;
    await run();
  } finally {
    clearTimeout(timer);
    waiting.done();
  }
}
