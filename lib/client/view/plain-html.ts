// What a deployment escapes in text.
const ESCAPED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", nbsp: " " };

/**
 * Returns the text of the HTML of a message, without tags. It is shown as text, so that nothing in it needs to be harmless.
 *
 * @example withoutTags("Bring <b>milk</b><br />and tea") === "Bring milk\nand tea"
 */
export function withoutTags(html: string): string {
  return html
    .replace(/<(?:br|\/p|\/li)\b[^>]*>/gi, "\n")
    .replace(/<[^>]*>/g, "")
    .replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (all, name: string) => ESCAPED[name] ?? all)
    .trim();
}
