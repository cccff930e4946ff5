const LAST_RESORT = "en";

/**
 * Returns the language of an element, as a tag that `Intl` accepts: that of the nearest `lang`, else the
 * browser's. Pages write many tags that are none, such as `en_US` or `de_DE.UTF-8`.
 */
export function languageOf(element: Element): string {
  const wanted = [inherited(element, "lang"), ...(navigator.languages ?? []), navigator.language, LAST_RESORT];
  return wanted.map(mended).find((it) => it !== undefined) ?? LAST_RESORT;
}

/** Returns the value of an attribute at the nearest element that has it, also out of shadow roots, which do not end the inheritance of `lang` and `dir`. */
export function inherited(element: Element, attribute: string): string | undefined {
  const found = element.closest(`[${attribute}]`)?.getAttribute(attribute);
  if (found) return found;
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? inherited(root.host, attribute) : undefined;
}

/** Returns the longest beginning of a tag that is one; undefined if there is none. */
function mended(tag: string | undefined): string | undefined {
  const subtags = (tag ?? "").trim().split(/[.@]/, 1).join("").split(/[-_]/);
  for (; subtags.length > 0; subtags.pop()) {
    try {
      return new Intl.Locale(subtags.join("-")).toString();
    } catch {}
  }
  return undefined;
}
