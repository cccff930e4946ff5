/**
 * Returns a function that calls `act` in the next frame, once for all calls until then. A read of the layout belongs there: after a change, it
 * makes the browser lay out the page at once, and again after the next change.
 */
export function inNextFrame(act: () => void): () => void {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    requestAnimationFrame(() => {
      waits = false;
      act();
    });
  };
}
