import type { Conversation } from "../view/conversation.js";
import type { Entry } from "../view/entry.js";
import type { Inbox } from "../view/inbox.js";
import type { Widget } from "./part.js";

/** What rendering a message needs besides the message. */
export type MessageContext = {
  widget: Widget;
  inbox: Inbox;
  conversation: Conversation;
  /** The id of the message whose actions are shown. */
  active: string | undefined;
  menu: "emoji" | "retract" | undefined;
  /** Whether the user's last input was by touch or pen. */
  touch: boolean;
  target: string | undefined;
  /** The ids of long messages that are shown whole. */
  unfolded: ReadonlySet<string>;
  activate(id: string | undefined): void;
  /** Shows the actions on a message for a tap; for a mouse, they are shown where it points. */
  tap(id: string, event: Event): void;
  /** Shows the actions on a message that got the focus, unless by touch. */
  focus(id: string): void;
  toggleMenu(menu: "emoji" | "retract"): void;
  toggleFold(id: string): void;
  goTo(id: string): void;
  /** An action was taken: hides the actions, and keeps the focus at the message. */
  done(id: string): void;
  request(action: "reply" | "edit" | "return" | "report", entry: Entry): void;
};
