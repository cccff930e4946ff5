import type { Actor } from "../protocol/stanza.js";
import type { Conversation } from "../view/conversation.js";
import type { Inbox } from "../view/inbox.js";
import { titleOf } from "../view/title.js";
import type { Strings } from "./strings.js";

// Control characters, and format characters that turn or hide what stands beside them. Joiners stay: scripts and emoji need them.
const UNSHOWN =
  /[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;
const VISIBLE = /[^\p{C}\p{Z}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Returns a name as it is shown in a line with other text: nothing in it turns or hides the text beside it. */
export function shown(name: string): string {
  const text = bare(name);
  return RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
}

/** Returns the name of a user, with a mark if they are a guest, whose name is whatever they typed. */
export function personName(inbox: Inbox, entity: string, strings: Strings): string {
  return actorName(inbox.actors.get(entity) ?? { id: entity }, strings);
}

/** Returns the name that a description gives, else the identifier; with a mark for guests. */
export function actorName({ id, displayName = "", objectType }: Actor, strings: Strings): string {
  const text = shown(plainName({ id, displayName }));
  return id.startsWith("guest,") || objectType === "guest" ? strings.guest(text) : text;
}

/** Returns the name that a description gives, else the identifier, as it stands in a text of any language: without a mark. */
export function plainName({ id, displayName = "" }: Pick<Actor, "id" | "displayName">): string {
  const name = bare(displayName);
  return VISIBLE.test(name) ? name : bare(id);
}

function bare(name: string): string {
  return name.replace(UNSHOWN, "");
}

/** Returns the title of a conversation. */
export function conversationTitle(inbox: Inbox, it: Conversation, strings: Strings): string {
  const subject = shown(it.thread.subject ?? "");
  return titleOf(inbox, it, { subject, name: (entity) => personName(inbox, entity, strings) }) ?? strings.untitled;
}

/** Returns the names of the others who are typing. */
export function typingNames(inbox: Inbox, { typing }: Conversation, strings: Strings): string[] {
  const others = [...typing.keys()].filter((entity) => entity !== inbox.me?.id);
  return others.map((entity) => personName(inbox, entity, strings));
}
