import { isComposing } from "./input-device.js";

const STEPS = new Map([
  ["ArrowDown", 1],
  ["ArrowUp", -1],
  ["Home", Number.NEGATIVE_INFINITY],
  ["End", Number.POSITIVE_INFINITY],
]);

/** Returns how far a key moves in a list, in elements; undefined for other keys. */
export function stepOf({ key }: KeyboardEvent): number | undefined {
  return STEPS.get(key);
}

/** Moves the focus in a list by the arrow keys, Home and End. Only one of the elements needs to be reached by Tab. */
export function moveFocus(event: KeyboardEvent, elements: Iterable<HTMLElement>): void {
  const step = stepOf(event);
  const all = [...elements];
  const at = all.findIndex((it) => it.matches(":focus"));
  if (step === undefined || isComposing(event) || at < 0) return;
  event.preventDefault();
  all[Math.min(Math.max(at + step, 0), all.length - 1)]?.focus();
}
