declare global {
  /** The warnings of Lit's development build that were issued, or are not to be. */
  var litIssuedWarnings: Set<string> | undefined;
}

const DEV_MODE = "dev-mode";

// A development server loads Lit's development build, which warns of itself a microtask later: on the console of a page that does not know
// of Lit. A page that uses Lit itself, and loads it later, is warned as before. https://lit.dev/docs/tools/development/
globalThis.litIssuedWarnings ??= new Set();
const issued = globalThis.litIssuedWarnings;
if (!issued.has(DEV_MODE)) {
  issued.add(DEV_MODE);
  setTimeout(() => issued.delete(DEV_MODE));
}
