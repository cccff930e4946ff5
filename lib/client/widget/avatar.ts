import { html, nothing } from "lit";
import type { Actor, Presence } from "../protocol/stanza.js";
import { plainName } from "./names.js";
import type { Strings } from "./strings.js";
import { HUES } from "./style/avatar.js";

export type Availability = "available" | "away" | "dnd" | "unavailable";

/** Reduces a presence to one of the states that are shown. */
export function availabilityOf(presence: Presence | undefined): Availability {
  if (!presence?.available) return "unavailable";
  if (presence.show === "dnd") return "dnd";
  return presence.show === "away" || presence.show === "xa" ? "away" : "available";
}

/** Renders the picture or the initials of a user, without the mark of a guest, or of a room; with a dot when the availability is given. */
export function avatar(
  subject: { id: string; name: string; actor?: Actor | undefined; room?: boolean },
  availability?: Availability,
) {
  const { id, name, actor, room } = subject;
  const url = actor?.image?.url;
  // The picture covers the initials once it is loaded; one that cannot be loaded, or that the page's policy blocks, never does.
  const picture =
    url === undefined || !/^https?:/.test(url)
      ? nothing
      : html`<img src=${url} alt="" loading="lazy" referrerpolicy="no-referrer" @load=${show} @error=${hide} />`;
  return html`<span class=${room ? "avatar room" : "avatar"} part="avatar" aria-hidden="true"
    ><span class="initials hue-${hue(id)}">${initials(room ? name : plainName(actor ?? { id }))}</span>${picture}${availability === undefined ? nothing : html`<i class="dot ${availability}" part="presence"></i>`}</span
  >`;
}

/** Returns the text for an availability. */
export function availabilityText(availability: Availability, strings: Strings): string {
  return strings[availability];
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/u);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return (
    letters
      .map((word) => [...(word ?? "")].find((it) => /[\p{L}\p{N}]/u.test(it)) ?? "")
      .join("")
      .toUpperCase() || "·"
  );
}

const show = ({ target }: Event) => target instanceof Element && target.classList.add("loaded");
const hide = ({ target }: Event) => target instanceof Element && target.classList.remove("loaded");

// A user has the same colour everywhere. The hash is FNV-1a: ids that differ in one letter get different colours.
function hue(id: string): number {
  const hash = [...id].reduce((sum, letter) => Math.imul(sum ^ (letter.codePointAt(0) ?? 0), 0x01000193), 0x811c9dc5);
  return ((hash ^ (hash >>> 15)) >>> 0) % HUES;
}
