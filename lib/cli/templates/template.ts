import { dirname, relative } from "node:path/posix";

/** What `init` gives a project: files, by their paths in it, and what is left to do by hand, in order. */
export type Template = { files: readonly TemplateFile[]; steps: readonly string[] };
export type TemplateFile = { path: string; text: string };

/** How a session library tells the user of a request: an import if it needs one, the body of the `user` function, and what it presupposes. */
export type UserLookup = { imports: readonly string[]; body: readonly string[]; presupposes?: string };

/** Spells how one file of a project imports another: `../../auth` for `src/auth` in `src/routes/chat.ts`. */
export function importPath(from: string, module: string): string {
  const path = relative(dirname(from), module);
  return path.startsWith(".") ? path : `./${path}`;
}

/** Formats the options of a chat: the lookup as its `user` function with these parameters, or guests without one. */
export function formatOptions(lookup: UserLookup | undefined, parameters: string): string {
  if (lookup === undefined) return "{ guests: true }";
  return ["{", `  user: async (${parameters}) => {`, ...lookup.body.map((it) => `    ${it}`), "  },", "}"].join("\n");
}

/** What a chat without a session library needs to know. */
export const ABOUT_GUESTS =
  "Anyone can chat here, under a name of their own. Once your application knows its users, replace `guests: true` by `user: async (request) => ({ id, displayName })`";
