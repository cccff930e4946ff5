import "lit";

// Undoes what `trusted-types.ts` did for Lit.
if (globalThis.trustedTypes !== undefined) Reflect.deleteProperty(globalThis.trustedTypes, "createPolicy");
