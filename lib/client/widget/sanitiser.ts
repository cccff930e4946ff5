import DOMPurify from "dompurify";
import type { Policy } from "./trusted-types.js";

// The deployment's list again, since the store may hold messages that it did not sanitise.
const ALLOWED = {
  ALLOWED_TAGS: ["b", "i", "em", "strong", "u", "s", "code", "pre", "blockquote", "p", "br", "ul", "ol", "li", "a"],
  ALLOWED_ATTR: ["href"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true as const,
};

/** Parses HTML and removes whatever a message may not have. Under Trusted Types, `policy` parses it. */
export function sanitise(html: string, policy: Policy | undefined): DocumentFragment {
  return DOMPurify.sanitize(html, policy === undefined ? ALLOWED : { ...ALLOWED, TRUSTED_TYPES_POLICY: policy });
}
