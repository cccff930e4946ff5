import { Fault, invalid } from "../fault.js";
import { isVisible } from "../schema/display-name.js";
import { digest, encode } from "../store/keys.js";

const TEXT_MAX = 8 * 1024;
/** The size limit of a message as it is delivered, in bytes. */
export const MESSAGE_MAX = 16 * 1024;

/**
 * Converts the content of a message to the form in which it is delivered: HTML is sanitised. Throws `too_large` for a text over 8 KiB of
 * UTF-8, before or after: sanitising may lengthen it.
 */
export async function sanitizeContent<Of extends { type: string; text?: string }>(content: Of): Promise<Of> {
  const { text, type } = content;
  if (text === undefined) return content;
  checkText(text);
  if (type !== "html") return content;
  // Few messages are HTML, so a cold start does not load the sanitiser.
  const { sanitize } = await import("./html.js");
  return { ...content, text: checkText(sanitize(text)) };
}

function checkText(text: string): string {
  if (Buffer.byteLength(text) > TEXT_MAX) tooLarge("text", TEXT_MAX);
  return text;
}

/** Returns a message in JSON, to which `more` bytes will be added, unless it is over 16 KiB. Throws `too_large`. */
export function checkSize(message: string, more = 0): string {
  if (Buffer.byteLength(message) + more > MESSAGE_MAX) tooLargeMessage();
  return message;
}

/** Throws `too_large` for a message over 16 KiB. */
export function tooLargeMessage(): never {
  tooLarge("message", MESSAGE_MAX);
}

function tooLarge(what: string, bytes: number): never {
  throw new Fault("too_large", { detail: `${what}: at most ${bytes} bytes of UTF-8` });
}

/** Properties that say nothing by themselves: those that every message has, and those that only say how to read others. */
const SAYS_NOTHING: ReadonlySet<string> = new Set([
  ...["text", "subject", "attachments", "type", "language", "id", "thread", "seq", "timestamp", "sender"],
  ...["mentions", "edited"],
]);

/** Throws `invalid`, by the path of the message, for one that says nothing: without text, subject, attachment, mention, reference to a message, and extension. */
export function checkNotEmpty(at: string, content: Content): void {
  const { text = "", subject = "", attachments = [], mentions = [], type } = content;
  const words = type === "html" ? text.replace(/<[^>]*>|&nbsp;/g, "") : text;
  if (isVisible(words) || isVisible(subject) || attachments.length + mentions.length > 0) return;
  if (Object.entries(content).some(([name, value]) => !SAYS_NOTHING.has(name) && value !== null)) return;
  throw invalid(`${at}.text`, "must have something visible, or come with a subject, an attachment or an extension");
}

type Content = {
  type: string;
  text?: string;
  subject?: string;
  attachments?: readonly unknown[];
  mentions?: readonly string[];
};

/** Hashes the content of a message, independent of the order of its properties. */
export function fingerprint(content: object): string {
  return digest(JSON.stringify(sorted(content))).slice(0, 22);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, sorted(Reflect.get(value, name))]));
}

const NO_MEMBER = "must be a member of the thread";

/** What a message refers to: the message of its thread that it replies to, and the members that it mentions. */
export type References = { replyTo?: string; mentions?: string[] };

/**
 * Formats references as arguments of a script: the id that the message replies to or '', the number of mentioned members, then each of them
 * once (encoded).
 */
export function referenceArguments({ replyTo = "", mentions = [] }: References): (string | number)[] {
  const mentioned = new Set(mentions.map(encode));
  return [replyTo.toLowerCase(), mentioned.size, ...mentioned];
}

/** Checks the references of the first message of a thread, which cannot be a reply. Throws `message_not_found`, `invalid`. */
export function checkFirst({ replyTo, mentions = [] }: References, members: readonly string[]): void {
  if (replyTo !== undefined) throw new Fault("message_not_found");
  const outsider = mentions.findIndex((entity) => !members.includes(entity));
  if (outsider >= 0) throw invalid(`message.mentions.${outsider}`, NO_MEMBER);
}

/** Throws `invalid` for a mention of a non-member, the `nth` (from 1) of the mentions in `referenceArguments`. */
export function refuseMention(stanza: "message" | "edit", { mentions = [] }: References, nth: number): never {
  throw invalid(`${stanza}.mentions.${mentions.indexOf([...new Set(mentions)][nth - 1] ?? "")}`, NO_MEMBER);
}
