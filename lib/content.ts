import { Fault } from "./fault.js";
import { sanitize } from "./html.js";

const TEXT_MAX = 8 * 1024;
const MESSAGE_MAX = 16 * 1024;

/** Brings what a message says into the form in which it is delivered: HTML is sanitised. Throws `too_large` for a text over 8 KiB of UTF-8. */
export function polish<Content extends { type: string; text?: string }>(content: Content): Content {
  const { text, type } = content;
  if (text === undefined) return content;
  if (Buffer.byteLength(text) > TEXT_MAX) tooLarge("text", TEXT_MAX);
  return type === "html" ? { ...content, text: sanitize(text) } : content;
}

/** Lets a message as JSON pass, with `more` bytes still to come into it. Throws `too_large` over 16 KiB. */
export function checkSize(message: string, more = 0): string {
  if (Buffer.byteLength(message) + more > MESSAGE_MAX) tooLarge("message", MESSAGE_MAX);
  return message;
}

function tooLarge(what: string, bytes: number): never {
  throw new Fault("too_large", { detail: `${what}: at most ${bytes} bytes of UTF-8` });
}
