import { LitElement, type PropertyDeclarations } from "lit";
import type { TextStore } from "../environment/text-store.js";
import type { Chat } from "../protocol/chat.js";
import type { Inbox } from "../view/inbox.js";
import type { Mirror } from "../view/mirror.js";
import type { Drafts } from "./drafts.js";
import type { Opened } from "./opened.js";
import type { Strings } from "./strings.js";

/** What all parts of the widget share. */
export type Widget = {
  chat: Chat;
  mirror: Mirror;
  strings: Strings;
  /** BCP 47, for dates and numbers. */
  language: string;
  /** The emoji offered as reactions. */
  emoji: readonly string[];
  /** What Enter does in the input. */
  enter: "send" | "break";
  /** Whether the page chose the only user to talk to. */
  single: boolean;
  /** The path of the page's service worker for pushes, if it has one. */
  pushWorker: string | undefined;
  /** Returns where this browser stores texts of the user; nowhere while the user is unknown. */
  store(): TextStore;
  /** Returns the user's drafts; those of nobody while the user is unknown. */
  drafts(): Drafts;
  /** Returns where messages of a shown conversation go: to its thread, or to the user with whom the first message creates one. */
  address(thread: string): { thread: string } | { to: string[] };
  /** Removes a message that was refused. */
  discard(thread: string, id: string): void;
  /** Returns the link for an invite's code. */
  inviteLink(code: string): string;
  /** Shows a thread, at a message if one is given. */
  show(thread: string | undefined, message?: string): void;
  /** Opens a dialog. */
  open(opened: Opened): void;
  /** Waits for an action of the user, and shows them an error when it fails. */
  attempt<T>(work: Promise<T>): Promise<T | undefined>;
};

/** A part of the widget. It renders into the widget's shadow root, so that all ids and styles share one scope. */
export class Part extends LitElement {
  static override properties: PropertyDeclarations = { widget: { attribute: false }, inbox: { attribute: false } };
  declare widget: Widget;
  declare inbox: Inbox;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}

/** Defines an element, unless it is defined: a page may load the script twice. */
export function define(name: string, element: CustomElementConstructor): void {
  if (customElements.get(name) === undefined) customElements.define(name, element);
}
