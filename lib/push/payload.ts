import { textOfHtml } from "../chat/search-words.js";
import { digest } from "../store/keys.js";
import type { Ring, Ringing } from "./ring.js";

// With these, a payload has less than the 3,993 bytes that fit into one record (RFC 8291 §4), whatever its characters.
const TITLE_MAX = 80;
const BODY_MAX = 200;
const ICON_MAX = 512;

/** What push services are told of a push: how long they keep it, in s, how soon it matters, and which earlier one it takes the place of. */
export type Envelope = { ttl: number; urgency: "high" | "normal"; topic: string };

// As long as the host's server is told of an event.
const TTL = 86_400;

/** Formats a push that shows a notification, for a device that opens `page` at a click. `{thread}` in it stands for the thread. */
export function formatMessage({ thread, kind, subject, entity, message }: Ring, page: string | undefined): string {
  const { seq, sender } = message;
  const name = sender?.displayName ?? sender?.id ?? "";
  const icon = sender?.image?.url ?? "";
  return JSON.stringify({
    type: "message",
    thread,
    seq,
    to: entity,
    title: cut(kind === "room" && subject ? `${name} · ${subject}` : name, TITLE_MAX),
    // The worker marks it in the language of the device.
    ...(sender?.objectType === "guest" ? { guest: name.length } : {}),
    body: cut(bodyOf(message), BODY_MAX),
    tag: tagOf(thread),
    ...(icon.startsWith("https:") && icon.length <= ICON_MAX ? { icon } : {}),
    ...(page === undefined ? {} : { page: page.replaceAll("{thread}", encodeURIComponent(thread)) }),
  });
}

/** Formats a push that takes the notification of a thread back. */
export function formatClose(thread: string): string {
  return JSON.stringify({ type: "close", thread, tag: tagOf(thread) });
}

/** Of a thread, a push service keeps only the newest push for a device that is offline. */
export function envelopeOf(thread: string, isUrgent: boolean): Envelope {
  return { ttl: TTL, urgency: isUrgent ? "high" : "normal", topic: digest(thread).slice(0, 32) };
}

/** Whether a message is for the user alone or mentions the user: what people expect a phone to wake up for. */
export function isUrgent({ kind, entity, message }: Ring): boolean {
  return kind === "direct" || message.mentions?.includes(entity) === true;
}

/** As in the page, where the widget shows notifications itself: the same message shows one, whoever is first. */
function tagOf(thread: string): string {
  return `nereid ${thread}`;
}

function bodyOf({ type, text = "", subject = "", attachments = [] }: Ringing): string {
  const said = type === "html" ? textOfHtml(text) : text;
  return said.trim() === "" ? (attachments[0]?.name ?? subject) : said;
}

/** Cuts a text to so many characters, on one line, so that it is shown as it is. */
function cut(text: string, max: number): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, " ").trim();
  const characters = Array.from(line);
  return characters.length <= max ? line : `${characters.slice(0, max - 1).join("")}…`;
}
