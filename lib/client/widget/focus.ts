/** Where only one pane is visible, the focus follows the user from the conversation `before` to the one that is shown now, or to the list. */
export async function followFocus(
  root: ParentNode,
  before: string | undefined,
  thread: string | undefined,
): Promise<void> {
  if (root instanceof ShadowRoot && root.activeElement === null) return;
  await new Promise(requestAnimationFrame);
  if (thread !== undefined && isNarrow(root)) root.querySelector<HTMLElement>(".log")?.focus();
  const item = before === undefined ? undefined : `nereid-roster [data-thread="${CSS.escape(before)}"]`;
  if (thread === undefined && item !== undefined) root.querySelector<HTMLElement>(item)?.focus();
}

/** Whether a conversation hides the list. */
export function isNarrow(root: ParentNode): boolean {
  const roster = root.querySelector(".talking > nereid-roster");
  return roster !== null && getComputedStyle(roster).display === "none";
}
