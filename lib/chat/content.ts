import { Fault } from "../fault.js";
import { sanitize } from "./html.js";

const TEXT_MAX = 8 * 1024;
/** Bytes of the largest message in delivered form. */
export const MESSAGE_MAX = 16 * 1024;

/**
 * Brings what a message says into the form in which it is delivered: HTML is sanitised. Throws `too_large` for a text over
 * 8 KiB of UTF-8, before or after: sanitising may lengthen it.
 */
export function polish<Content extends { type: string; text?: string }>(content: Content): Content {
  const { text, type } = content;
  if (text === undefined) return content;
  checkText(text);
  return type === "html" ? { ...content, text: checkText(sanitize(text)) } : content;
}

function checkText(text: string): string {
  if (Buffer.byteLength(text) > TEXT_MAX) tooLarge("text", TEXT_MAX);
  return text;
}

/** Lets a message as JSON pass, with `more` bytes still to come into it. Throws `too_large` over 16 KiB. */
export function checkSize(message: string, more = 0): string {
  if (Buffer.byteLength(message) + more > MESSAGE_MAX) tooLargeMessage();
  return message;
}

/** Refuses a message that turned out to be over 16 KiB. */
export function tooLargeMessage(): never {
  tooLarge("message", MESSAGE_MAX);
}

function tooLarge(what: string, bytes: number): never {
  throw new Fault("too_large", { detail: `${what}: at most ${bytes} bytes of UTF-8` });
}
