import type { Conversation, Entry } from "../view/conversation.js";
import type { Inbox } from "../view/inbox.js";
import type { Widget } from "./part.js";

/** What rendering a message needs besides the message. */
export type MessageContext = {
  widget: Widget;
  inbox: Inbox;
  conversation: Conversation;
  active: string | undefined;
  menu: "emoji" | "retract" | undefined;
  target: string | undefined;
  activate(id: string | undefined): void;
  toggleMenu(menu: "emoji" | "retract"): void;
  goTo(id: string): void;
  /** Moves the focus to a message when its tools disappear. */
  restoreFocus(id: string): void;
  request(action: "reply" | "edit", entry: Entry): void;
};
