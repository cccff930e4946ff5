/** Whether the user's main pointer is a finger: the keyboard is then one on the screen, without Shift+Enter. */
export function isTouchScreen(): boolean {
  return matchMedia("(pointer: coarse)").matches;
}

/** Whether an event belongs to something in a message that acts by itself. */
export function isControl({ target }: Event): boolean {
  return target instanceof Element && target.closest("a, button, dialog") !== null;
}

/**
 * Whether a key belongs to an input method, for example Enter that confirms a word. Safari reports that Enter after the composition has
 * ended, with the key code 229.
 */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}
