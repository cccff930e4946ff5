import type { Mutant } from "./mutant.js";
import { CREDENTIALS } from "./rules/credentials.js";
import { HOSTING } from "./rules/hosting.js";
import { MESSAGES } from "./rules/messages.js";
import { PUSHES } from "./rules/pushes.js";
import { STANZAS } from "./rules/stanzas.js";
import { STREAM } from "./rules/stream.js";
import { THREADS } from "./rules/threads.js";

/**
 * Every rule of docs/PROFILE.md that has a mutant. Rules that two places keep, each enough by itself, have none: what `alg: none` and
 * algorithm confusion would need, an actor's own `id` and `objectType`, `exp` and `sub`, that a chat token ends, that an edit is for
 * the sender, that what was retracted does not ring.
 */
export const MUTANTS: readonly Mutant[] = [
  ...CREDENTIALS,
  ...STREAM,
  ...MESSAGES,
  ...STANZAS,
  ...THREADS,
  ...HOSTING,
  ...PUSHES,
];
