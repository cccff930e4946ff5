// What the deployment accepts as the text of a message, in bytes of UTF-8.
const TEXT_MAX_BYTES = 8 * 1024;

/** Whether the deployment would refuse a text for its size. */
export function isTooLarge(text: string): boolean {
  return new TextEncoder().encode(text).length > TEXT_MAX_BYTES;
}

/** Fits the height of an input to its text. */
export function fitHeight(area: HTMLTextAreaElement): void {
  area.style.blockSize = "auto";
  area.style.blockSize = `${area.scrollHeight}px`;
}
