/**
 * Returns whether `ms` have passed since a time, also in ms. Since a time that lies ahead they have: the clock was set back, and what waits for
 * it to come would wait for as long as the clock was wrong.
 */
export function hasPassed(ms: number, since: number, now: number): boolean {
  return now < since || now - since >= ms;
}
