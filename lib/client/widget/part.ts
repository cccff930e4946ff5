import { LitElement, type PropertyDeclarations } from "lit";
import type { Chat } from "../protocol/chat.js";
import type { Inbox } from "../view/inbox.js";
import type { Mirror } from "../view/mirror.js";
import type { Strings } from "./strings.js";

/** What every part of the widget works with. */
export type Desk = {
  chat: Chat;
  mirror: Mirror;
  strings: Strings;
  /** BCP 47, for dates and numbers. */
  language: string;
  /** Emoji that are offered. */
  emoji: readonly string[];
  /** Makes a link of an invite's code. */
  inviteLink(code: string): string;
  /** Shows a thread, at a message if one is named. */
  show(thread: string | undefined, message?: string): void;
  /** Waits for what a person asked for; tells them when it fails. */
  attempt<T>(work: Promise<T>): Promise<T | undefined>;
};

/** A part of the widget. It draws into the widget's own shadow root, so that its names and styles are in one place. */
export class Part extends LitElement {
  static override properties: PropertyDeclarations = { desk: { attribute: false }, inbox: { attribute: false } };
  declare desk: Desk;
  declare inbox: Inbox;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}

/** Defines an element, unless the page has it already: by the same script a second time. */
export function define(name: string, element: CustomElementConstructor): void {
  if (customElements.get(name) === undefined) customElements.define(name, element);
}
