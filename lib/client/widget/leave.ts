import { removeThread } from "../view/inbox.js";
import type { Widget } from "./part.js";

/** Takes the user out of a room, and out of its conversation here at once. */
export async function leave({ chat, mirror, show }: Widget, thread: string): Promise<void> {
  const me = chat.me?.id ?? mirror.inbox.me?.id;
  if (me === undefined) return;
  await chat.change(thread, { remove: [me] });
  mirror.edit((inbox) => removeThread(inbox, thread));
  show(undefined);
}
