/** A text in place of a part of another. */
export type Edit = { start: number; end: number; text: string };

/** Writes a part of some code with other texts in places of it, which may come in any order. */
export function rewrite(code: string, edits: readonly Edit[], start = 0, end = code.length): string {
  let [text, at] = ["", start];
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    if (edit.start < at) continue;
    text += code.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return text + code.slice(at, end);
}
