import { html, nothing } from "lit";
import type { Actor, Presence } from "../protocol/stanza.js";
import type { Strings } from "./strings.js";

export type Standing = "available" | "away" | "dnd" | "unavailable";

/** How somebody stands, of the ways that are shown. */
export function standing(presence: Presence | undefined): Standing {
  if (!presence?.available) return "unavailable";
  if (presence.show === "dnd") return "dnd";
  return presence.show === "away" || presence.show === "xa" ? "away" : "available";
}

/** Draws somebody's picture or initials; with a dot when their presence is given. */
export function avatar(who: { id: string; name: string; actor?: Actor | undefined; room?: boolean }, at?: Standing) {
  const { id, name, actor, room } = who;
  const url = actor?.image?.url;
  const picture =
    url === undefined || !/^https?:/.test(url)
      ? html`<span class="initials" style="--hue: ${hue(id)}">${initials(name)}</span>`
      : html`<img src=${url} alt="" loading="lazy" referrerpolicy="no-referrer" />`;
  return html`<span class=${room ? "avatar room" : "avatar"} part="avatar" aria-hidden="true"
    >${picture}${at === undefined ? nothing : html`<i class="dot ${at}" part="presence"></i>`}</span
  >`;
}

/** Says in words how somebody stands. */
export function said(at: Standing, strings: Strings): string {
  return strings[at];
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

// The same person has the same colour everywhere; so light or dark that the initials can be read on it.
function hue(id: string): number {
  return [...id].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
}
