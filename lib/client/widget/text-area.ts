// What the deployment accepts as the text of a message, in bytes of UTF-8.
const TEXT_MAX_BYTES = 8 * 1024;

/** Whether the deployment would refuse a text for its size. */
export function isTooLarge(text: string): boolean {
  return new TextEncoder().encode(text).length > TEXT_MAX_BYTES;
}

// Somebody who has so little room left wants to know it.
const NEAR_BYTES = 500;

/** Returns how many more letters a text may have, roughly where they are not Latin; undefined while that is many. */
export function roomLeft(text: string): number | undefined {
  const left = TEXT_MAX_BYTES - new TextEncoder().encode(text.trim()).length;
  return left < NEAR_BYTES ? left : undefined;
}

/** Fits the height of an input to its text. One that is not displayed, as in a closed panel, has none to fit. */
export function fitHeight(area: HTMLTextAreaElement): void {
  area.style.blockSize = "auto";
  if (area.scrollHeight > 0) area.style.blockSize = `${area.scrollHeight}px`;
}
