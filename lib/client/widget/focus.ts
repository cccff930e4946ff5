import { isTouchScreen } from "./input-device.js";

/** Where only one pane is visible, the focus follows the user from the conversation `before` to the one that is shown now, or to the list. */
export async function followFocus(
  root: ParentNode,
  before: string | undefined,
  thread: string | undefined,
): Promise<void> {
  if (root instanceof ShadowRoot && root.activeElement === null) return;
  await new Promise(requestAnimationFrame);
  if (thread !== undefined && isNarrow(root)) root.querySelector<HTMLElement>(".log")?.focus();
  if (thread !== undefined || before === undefined) return;
  // A conversation that was left is not in the list any more.
  const items = [`[data-thread="${CSS.escape(before)}"]`, '.thread[tabindex="0"]', '[part="new"]'];
  const found = items.map((item) => root.querySelector<HTMLElement>(`nereid-roster ${item}`));
  found.find((it) => it !== null)?.focus();
}

/** Moves the focus to where the user goes on, once a form that had it is gone: to the input, else to the button for a new conversation. */
export async function focusFirst(root: ParentNode): Promise<void> {
  await new Promise(requestAnimationFrame);
  // On a touch screen, the keyboard would cover half of what is there to read.
  root.querySelector<HTMLElement>(isTouchScreen() ? '.log, [part="new"]' : 'textarea, [part="new"]')?.focus();
}

/** Whether a conversation hides the list. */
export function isNarrow(root: ParentNode): boolean {
  const roster = root.querySelector(".talking > nereid-roster");
  return roster !== null && getComputedStyle(roster).display === "none";
}
