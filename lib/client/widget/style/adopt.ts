import type { CSSResult } from "lit";

/** Adds the style of a part that is loaded later to the shadow root that it is in, once. */
export function adopt(part: Node, { styleSheet }: CSSResult): void {
  const root = part.getRootNode();
  if (!(root instanceof ShadowRoot) || styleSheet === undefined || root.adoptedStyleSheets.includes(styleSheet)) return;
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, styleSheet];
}
