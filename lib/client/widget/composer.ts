import { html, nothing, type PropertyDeclarations } from "lit";
import type { Conversation, Entry } from "../view/conversation.js";
import { nameOf, titleOf } from "../view/inbox.js";
import * as icons from "./icons.js";
import { define, Part } from "./part.js";
import { plainText } from "./richtext.js";

// `composing` expires after 10 s at the receivers, so it is repeated twice as often.
const TYPING_MS = 5_000;
// A short message that is sent at once needs no `composing`.
const TYPING_DELAY_MS = 600;
// Unsent texts by thread, restored when the user returns to the thread.
const drafts = new Map<string, string>();

/** The input for a new message, a reply or an edit. */
class Composer extends Part {
  static override properties: PropertyDeclarations = {
    conversation: { attribute: false },
    replyingTo: { attribute: false },
    editing: { attribute: false },
    empty: { state: true },
  };
  declare conversation: Conversation;
  declare replyingTo: Entry | undefined;
  declare editing: Entry | undefined;
  declare empty: boolean;
  /** When `composing` was last sent; 0 when the user is not typing. */
  #lastTyping = 0;
  #typingTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.empty = true;
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    const before = changed.get("conversation");
    const other =
      changed.has("conversation") &&
      !(
        typeof before === "object" &&
        before !== null &&
        "thread" in before &&
        isThread(before.thread, this.conversation.thread.id)
      );
    if (other || (changed.has("editing") && this.editing === undefined))
      this.#setText(drafts.get(this.conversation.thread.id) ?? "");
    if (changed.has("editing") && this.editing !== undefined) this.#setText(this.editing.text ?? "");
    if ((changed.has("editing") && this.editing) || (changed.has("replyingTo") && this.replyingTo)) this.focus();
  }

  override focus(): void {
    this.#area?.focus();
  }

  protected override render() {
    const { widget, inbox, conversation } = this;
    const { strings } = widget;
    const names = [...conversation.typing.keys()]
      .filter((entity) => entity !== inbox.me?.id)
      .map((entity) => nameOf(inbox, entity));
    const mute = conversation.thread.members.some(({ entity, role }) => entity === inbox.me?.id && role === "visitor");
    return html`
      <p class="typing quiet cut" part="typing" aria-live="polite" dir="auto">${names.length === 0 ? nothing : strings.typing(names)}</p>
      ${mute ? html`<p class="none quiet">${strings.noVoice}</p>` : this.#form(strings.writeTo(titleOf(inbox, conversation) ?? strings.untitled))}
    `;
  }

  #form(label: string) {
    const { strings } = this.widget;
    return html`<form class="composer" part="composer" @submit=${(event: SubmitEvent) => this.#submit(event)}>
      ${this.#banner()}
      <div class="write">
        <textarea class="area" part="input" rows="1" dir="auto" enterkeyhint="send" aria-label=${label} placeholder=${strings.write}
          @input=${() => this.#onInput()} @keydown=${(event: KeyboardEvent) => this.#onKey(event)}
          @blur=${() => this.#stopTyping()}></textarea>
        <button class="go" part="send" ?disabled=${this.empty} aria-label=${this.editing ? strings.save : strings.send} title=${this.editing ? strings.save : strings.send}>
          ${this.editing ? icons.check : icons.send}</button>
      </div>
    </form>`;
  }

  #banner() {
    const { strings } = this.widget;
    const entry = this.editing ?? this.replyingTo;
    if (entry === undefined) return nothing;
    const name =
      entry.sender === undefined
        ? ""
        : entry.sender.id === this.inbox.me?.id
          ? strings.you
          : nameOf(this.inbox, entry.sender.id);
    return html`<div class="regarding">
      <span class="cut"><b>${this.editing ? strings.editing : strings.replyingTo(name)}</b> <span dir="auto">${plainText(entry)}</span></span>
      <button type="button" class="tool" aria-label=${strings.cancel} title=${strings.cancel} @click=${() => this.#dispatch("cancel")}>${icons.close}</button>
    </div>`;
  }

  #submit(event: Event): void {
    event.preventDefault();
    const text = this.#area?.value.trim() ?? "";
    if (text === "") return;
    const { chat } = this.widget;
    const thread = this.conversation.thread.id;
    if (this.editing !== undefined) {
      this.widget.attempt(chat.edit(thread, this.editing.id, { text }));
    } else {
      const replyTo = this.replyingTo?.id;
      // A refusal is shown at the message itself.
      chat.send({ thread, text, ...(replyTo === undefined ? {} : { replyTo }) }).catch(() => {});
      drafts.delete(thread);
      this.#lastTyping = 0;
      clearTimeout(this.#typingTimer);
    }
    this.#setText("");
    this.#dispatch("cancel");
  }

  #onKey(event: KeyboardEvent): void {
    // During input method composition, Enter confirms a word.
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) this.#submit(event);
    if (event.key === "Escape" && (this.editing ?? this.replyingTo) !== undefined) {
      event.stopPropagation();
      this.#dispatch("cancel");
    }
    if (event.key === "ArrowUp" && this.empty && this.editing === undefined) {
      event.preventDefault();
      this.#dispatch("edit-last");
    }
  }

  #onInput(): void {
    const text = this.#area?.value ?? "";
    this.#resize();
    if (this.editing !== undefined) return;
    drafts.set(this.conversation.thread.id, text);
    if (text === "") this.#stopTyping();
    if (text === "" || Date.now() - this.#lastTyping < TYPING_MS) return;
    this.#lastTyping = Date.now();
    const { thread } = this.conversation;
    this.#typingTimer = setTimeout(
      () => this.widget.chat.typing(thread.id, "composing").catch(() => {}),
      TYPING_DELAY_MS,
    );
  }

  #stopTyping(): void {
    if (this.#lastTyping === 0) return;
    this.#lastTyping = 0;
    clearTimeout(this.#typingTimer);
    this.widget.chat.typing(this.conversation.thread.id, "paused").catch(() => {});
  }

  #setText(text: string): void {
    if (this.#area !== null) this.#area.value = text;
    this.#resize();
  }

  /** Fits the height of the input to its text. */
  #resize(): void {
    const area = this.#area;
    if (area === null) return;
    this.empty = area.value.trim() === "";
    area.style.blockSize = "auto";
    area.style.blockSize = `${area.scrollHeight}px`;
  }

  #dispatch(name: "cancel" | "edit-last"): void {
    this.dispatchEvent(new CustomEvent(`nereid-${name}`));
  }

  get #area(): HTMLTextAreaElement | null {
    return this.querySelector("textarea");
  }
}

function isThread(thread: unknown, id: string): boolean {
  return typeof thread === "object" && thread !== null && "id" in thread && thread.id === id;
}

define("nereid-composer", Composer);
