export { toHtml } from "../view/formatting.js";

// What the keys mark a selection with, together with Ctrl or ⌘; a capital letter is one with Shift.
const MARKS: Readonly<Record<string, string>> = { b: "**", i: "_", X: "~~", e: "`" };

/** Marks what is selected in an input, or takes the marks away, if a key asks for that. Returns whether it did. */
export function formatByKey(event: KeyboardEvent, area: HTMLTextAreaElement): boolean {
  // On a Mac, Ctrl moves the caret: with B back by a letter, with E to the end of the line.
  const asked = /Mac|iP(?:hone|ad|od)/.test(navigator.platform) ? event.metaKey : event.ctrlKey;
  if (!asked || event.altKey) return false;
  const key = event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase();
  const mark = MARKS[key];
  if (mark === undefined) return false;
  event.preventDefault();
  format(area, mark);
  return true;
}

/** Marks what is selected in an input, or takes the same marks away. Several lines of code become a block. */
export function format(area: HTMLTextAreaElement, mark: string): void {
  const { value, selectionStart: start, selectionEnd: end } = area;
  const size = mark.length;
  const selected = value.slice(start, end);
  const around = value.slice(0, start).endsWith(mark) && value.slice(end).startsWith(mark);
  // At the end of what was just typed between marks, the key leads behind them.
  if (start === end && !around && value.slice(end).startsWith(mark)) area.setSelectionRange(end + size, end + size);
  else if (around) replace(area, start - size, end + size, selected, start - size, end - size);
  else if (selected.length > 2 * size && selected.startsWith(mark) && selected.endsWith(mark))
    replace(area, start, end, selected.slice(size, -size), start, end - 2 * size);
  else if (mark === "`" && selected.includes("\n")) {
    const before = start > 0 && value[start - 1] !== "\n" ? "\n```\n" : "```\n";
    replace(area, start, end, `${before}${selected}\n\`\`\``, start + before.length, end + before.length);
  } else {
    const text = marked(selected, mark);
    const many = selected.includes("\n");
    replace(area, start, end, text, many ? start : start + size, many ? start + text.length : end + size);
  }
}

/** Replaces a part of an input's text as if it was typed, so that it can be undone, and selects a part of it. */
export function replace(
  area: HTMLTextAreaElement,
  start: number,
  end: number,
  text: string,
  from: number,
  to: number,
): void {
  area.focus();
  area.setSelectionRange(start, end);
  const command = text === "" ? "delete" : "insertText";
  // The only way that keeps what the browser can undo; it fires the event by itself.
  if (!document.execCommand(command, false, text)) {
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  area.setSelectionRange(from, to);
}

/** A mark ends with its line, and has no space within. */
function marked(text: string, mark: string): string {
  const lines = text.split("\n");
  if (lines.length === 1 && text.trim() === "") return `${mark}${text}${mark}`;
  return lines.map((line) => line.replace(/\S(?:.*\S)?/, (it) => `${mark}${it}${mark}`)).join("\n");
}
