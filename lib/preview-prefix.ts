import { hash } from "node:crypto";

type Environment = Readonly<Record<string, string | undefined>>;

// A prefix has at most 32 characters: "development:", a branch of as many, "-", a hash of 6, ":".
const NAME_MAX = 11;
const HASH_LENGTH = 6;

/**
 * Returns the beginning of every key of a deployment that was given none, by the variables that Vercel sets. Previews mostly share the store
 * of production, so each branch gets keys of its own; so does `vercel dev`. Production, and what does not run on Vercel, has `chat:`.
 *
 * @example defaultPrefix({ VERCEL_ENV: "preview", VERCEL_GIT_COMMIT_REF: "feature/emoji" }) // "preview:feature-emo-153142:"
 */
export function defaultPrefix({ VERCEL_ENV: stage, VERCEL_GIT_COMMIT_REF: branch }: Environment): string {
  if (stage === undefined || stage === "" || stage === "production") return "chat:";
  return branch === undefined || branch === ""
    ? `${nameOf(stage)}:`
    : `${nameOf(stage)}:${nameOf(branch)}-${hashOf(branch)}:`;
}

/** What is left of a name in a key; branches that have the same in common differ by their hash. */
function nameOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "-")
    .slice(0, NAME_MAX);
}

function hashOf(text: string): string {
  return hash("sha256", text, "hex").slice(0, HASH_LENGTH);
}
