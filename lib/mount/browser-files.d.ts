// `npm run bundle` writes the module: the client's files as a deployment serves them, as text, so that a server that bundles its own code
// carries them along.

/** The text of each file, by its name. */
export const BROWSER_FILES: Readonly<Record<string, string>>;
