import { Fault, invalid } from "../fault.js";
import * as keys from "../store/keys.js";

const NO_MEMBER = "must be a member of the thread";

/** What a message refers to: the one of its thread that it answers, and members whom it mentions. */
export type References = { replyTo?: string; mentions?: string[] };

/** Spells what a message refers to as the last arguments of a script: the id it answers or '', then everybody mentioned (encoded), each once. */
export function spell({ replyTo = "", mentions = [] }: References): string[] {
  return [replyTo.toLowerCase(), ...new Set(mentions.map(keys.encode))];
}

/** Lets pass what a first message refers to, before there is anything to answer. Throws `message_not_found`, `invalid`. */
export function checkFirst({ replyTo, mentions = [] }: References, members: readonly string[]): void {
  if (replyTo !== undefined) throw new Fault("message_not_found");
  const outsider = mentions.findIndex((entity) => !members.includes(entity));
  if (outsider >= 0) throw invalid(`message.mentions.${outsider}`, NO_MEMBER);
}

/** Refuses a mention of somebody who is no member, the `nth` (from 1) of those that were spelled. */
export function refuseMention(stanza: "message" | "edit", { mentions = [] }: References, nth: number): never {
  throw invalid(`${stanza}.mentions.${mentions.indexOf([...new Set(mentions)][nth - 1] ?? "")}`, NO_MEMBER);
}
