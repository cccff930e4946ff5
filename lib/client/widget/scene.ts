import type { Conversation, Entry } from "../view/conversation.js";
import type { Inbox } from "../view/inbox.js";
import type { Desk } from "./part.js";

/** What a message is drawn in. */
export type Scene = {
  desk: Desk;
  inbox: Inbox;
  conversation: Conversation;
  active: string | undefined;
  choosing: "emoji" | "retract" | undefined;
  sought: string | undefined;
  activate(id: string | undefined): void;
  choose(what: "emoji" | "retract"): void;
  goTo(id: string): void;
  /** Puts the focus back on a message whose tools go. */
  rest(id: string): void;
  ask(what: "reply" | "edit", entry: Entry): void;
};
