import type { Chat } from "../protocol/chat.js";
import type { OutgoingFile } from "../protocol/file.js";
import type { FileLimits } from "../view/file-links.js";
import { sizeText } from "./file-kind.js";
import type { FileStrings } from "./file-strings.js";
import { shown } from "./names.js";

// What the deployment accepts as attachments of a message.
const FILES_MAX = 10;

/** A file of a message that is being written. */
export type Chosen = { content: Blob; name: string; alt: string };

// What was chosen stays while another conversation is shown, and as long as the page.
const trays = new WeakMap<Chat, Map<string, Chosen[]>>();

/** Returns the files that were chosen in the conversations of a chat, by thread. */
export function traysOf(chat: Chat): Map<string, Chosen[]> {
  const all = trays.get(chat) ?? new Map<string, Chosen[]>();
  trays.set(chat, all);
  return all;
}

/** Returns files as they are chosen. */
export function chosen(files: readonly OutgoingFile[]): Chosen[] {
  return files.map(({ content, name, alt = "" }) => ({
    content,
    name: name ?? ("name" in content ? `${content.name}` : ""),
    alt,
  }));
}

/** Returns what is sent of chosen files. */
export function outgoing(files: readonly Chosen[]): OutgoingFile[] {
  return files.map(({ content, name, alt }) => ({ content, name, ...(alt.trim() && { alt: alt.trim() }) }));
}

/** Returns what a message takes of files beside those that it has, and why it does not take the others. */
export function accepted(
  files: readonly Chosen[],
  before: number,
  limits: FileLimits,
  texts: FileStrings,
  language: string,
): { taken: Chosen[]; problems: string[] } {
  const named = files.map((it) => ({ it, problem: problemWith(it, limits, texts, language) }));
  const fitting = named.flatMap(({ it, problem }) => (problem === undefined ? [it] : []));
  const taken = fitting.slice(0, Math.max(0, FILES_MAX - before));
  const problems = named.flatMap(({ problem }) => problem ?? []);
  return { taken, problems: taken.length < fitting.length ? [...problems, texts.tooMany(FILES_MAX)] : problems };
}

function problemWith(
  { content: { size, type }, name }: Chosen,
  { max, types }: FileLimits,
  texts: FileStrings,
  language: string,
): string | undefined {
  const label = `“${shown(name)}”`;
  if (!isAmong(type.split(";")[0]?.trim().toLowerCase() || "application/octet-stream", types))
    return texts.wrongType(label);
  if (size === 0) return texts.empty(label);
  // A photo may be made small enough before it is uploaded.
  return size > max && type !== "image/jpeg" ? texts.tooLarge(label, sizeText(max, language) ?? "") : undefined;
}

/** Whether a media type is in a list of types and of ranges such as `image/*`. */
function isAmong(type: string, ranges: readonly string[]): boolean {
  return ranges.some(
    (range) => range === "*/*" || range === type || (range.endsWith("/*") && type.startsWith(range.slice(0, -1))),
  );
}
