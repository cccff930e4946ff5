// What an input writes (formatting.ts), as a deployment returns it: links read as their address, and nothing is in an element that has marks of its own.
const WRITTEN = /^(?:[^<]|<\/?(?:b|i|s|code|pre)>|<br \/>|<a [^>]*>(?=(?:https?:\/\/|www\.)[^<]*<\/a>)|<\/a>)*$/i;
const MARKS: Readonly<Record<string, string>> = { b: "**", i: "_", s: "~~", code: "`", a: "" };
const ESCAPED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };

/** Whether HTML is of the kind that an input writes, so that it can be edited as text with marks. */
export function hasMarksOnly(html: string): boolean {
  return WRITTEN.test(html);
}

/**
 * Returns HTML that an input wrote as the text with marks that was typed.
 *
 * @example toMarks("Bring <b>milk</b>") === "Bring **milk**"
 */
export function toMarks(html: string): string {
  return html
    .replace(/<br \/>/g, "\n")
    .replace(/<pre>/g, "\n```\n")
    .replace(/<\/pre>/g, "\n```\n")
    .replace(/<\/?(\w+)[^>]*>/g, (_, tag: string) => MARKS[tag] ?? "")
    .replace(/&(amp|lt|gt|quot);/g, (all, name: string) => ESCAPED[name] ?? all)
    .replace(/^\n|\n$/g, "");
}
