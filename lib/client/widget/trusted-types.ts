/** What the widget uses of Trusted Types: https://w3c.github.io/trusted-types/dist/spec/ */
export type Policy = {
  readonly name: string;
  createHTML(html: string): never;
  createScript(script: string): never;
  createScriptURL(url: string): never;
};
type Factory = { createPolicy(name: string, rules: object): Policy };

declare global {
  var trustedTypes: Factory | undefined;
}

/** The name to list in the directive `trusted-types`, which is that of the element, too. */
const NAME = "nereid-chat";

/** The widget's one policy; undefined where the browser has no Trusted Types, or the page does not allow the name. */
export const policy = createPolicy();

// Lit creates a policy when it is loaded, under a name that the page may have given away. It gets the widget's instead: this module is
// imported before Lit, and `lit-loaded.ts` after it.
if (globalThis.trustedTypes !== undefined) {
  const value = () => policy;
  Object.defineProperty(globalThis.trustedTypes, "createPolicy", { value, configurable: true });
}

function createPolicy(): Policy | undefined {
  // Lit passes constant templates, and DOMPurify passes what it is about to sanitise in an inert document.
  const same = (text: string) => text;
  // A script that is loaded once more defines no element, and would be refused the name.
  if (globalThis.customElements?.get(NAME) !== undefined) return undefined;
  try {
    return globalThis.trustedTypes?.createPolicy(NAME, { createHTML: same, createScriptURL: same });
  } catch {
    return undefined;
  }
}
