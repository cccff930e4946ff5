import * as v from "valibot";
import type { Caller } from "../people/caller.js";

/** What a device last said of its user's presence; `until` is when its credential ends, in ms. */
export const Word = v.object({
  device: v.string(),
  until: v.number(),
  show: v.exactOptional(v.string()),
  status: v.exactOptional(v.string()),
});
export type Word = v.InferOutput<typeof Word>;

/** Names the device of a caller: a chat token is one, and all sessions of a user are one together. */
export function deviceOf({ birth, sha }: Pick<Caller, "birth" | "sha">): string {
  return birth === undefined ? "session" : tokenDevice(sha);
}

/** Names the device that a chat token, known by its SHA-256, stands for: 66 bits are enough to tell a few of one person apart. */
export function tokenDevice(sha: string): string {
  return sha.slice(0, 11);
}

// As many as may hold polls at one instance. Rosters read these words of 200 people at once, so they must stay few.
const DEVICES_MAX = 8;

/** Adds a word in place of what its device said before, without those that are over. Of too many, who spoke longest ago is left out. */
export function speak(words: readonly Word[], word: Word, now: number): Word[] {
  return [...silence(words, [word.device], now), word].slice(-DEVICES_MAX);
}

/** Leaves out what some devices said, and what is over. */
export function silence(words: readonly Word[], devices: readonly string[], now: number): Word[] {
  return words.filter((it) => it.until > now && !devices.includes(it.device));
}

// Who is not to be disturbed on one device is not on any; else the most available counts (RFC 6121 §4.7.2.1).
const ORDER = ["dnd", "chat", undefined, "away", "xa"];

/** Decides between devices: the first of their shows in order, with the status of whichever said that last. */
export function prevailing(words: readonly Word[], now: number): Pick<Word, "show" | "status"> {
  const latest = words.filter((it) => it.until > now).reverse();
  for (const wanted of ORDER) {
    const word = latest.find(({ show }) => show === wanted);
    if (word === undefined) continue;
    const { show, status } = word;
    return { ...(show === undefined ? {} : { show }), ...(status === undefined ? {} : { status }) };
  }
  return {};
}
