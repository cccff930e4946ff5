import { html, nothing } from "lit";
import type { Actor, Presence } from "../protocol/stanza.js";
import type { Strings } from "./strings.js";

export type Availability = "available" | "away" | "dnd" | "unavailable";

/** Reduces a presence to one of the states that are shown. */
export function availabilityOf(presence: Presence | undefined): Availability {
  if (!presence?.available) return "unavailable";
  if (presence.show === "dnd") return "dnd";
  return presence.show === "away" || presence.show === "xa" ? "away" : "available";
}

/** Renders the picture or the initials of a user or a room; with a dot when the availability is given. */
export function avatar(
  subject: { id: string; name: string; actor?: Actor | undefined; room?: boolean },
  availability?: Availability,
) {
  const { id, name, actor, room } = subject;
  const url = actor?.image?.url;
  const picture =
    url === undefined || !/^https?:/.test(url)
      ? html`<span class="initials" style="--hue: ${hue(id)}">${initials(name)}</span>`
      : html`<img src=${url} alt="" loading="lazy" referrerpolicy="no-referrer" />`;
  return html`<span class=${room ? "avatar room" : "avatar"} part="avatar" aria-hidden="true"
    >${picture}${availability === undefined ? nothing : html`<i class="dot ${availability}" part="presence"></i>`}</span
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

// A user has the same colour everywhere; the style chooses a lightness on which the initials are readable.
function hue(id: string): number {
  return [...id].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
}
