import { html, nothing, type PropertyDeclarations } from "lit";
import type { Conversation, Entry } from "../view/conversation.js";
import { nameOf, titleOf } from "../view/inbox.js";
import * as icons from "./icons.js";
import { define, Part } from "./part.js";
import { plainText } from "./richtext.js";

// Others believe in one's writing for 10 s, so saying so twice as often is enough; a word that is sent at once needs none.
const TYPING_MS = 5_000;
const HESITATION_MS = 600;
/** What is being written, by thread: it is there again when one comes back. */
const drafts = new Map<string, string>();

/** Where one writes: a new message, an answer, or a message once more. */
class Composer extends Part {
  static override properties: PropertyDeclarations = {
    conversation: { attribute: false },
    answering: { attribute: false },
    editing: { attribute: false },
    empty: { state: true },
  };
  declare conversation: Conversation;
  declare answering: Entry | undefined;
  declare editing: Entry | undefined;
  declare empty: boolean;
  #typed = 0;
  #hesitation: ReturnType<typeof setTimeout> | undefined;

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
      this.#write(drafts.get(this.conversation.thread.id) ?? "");
    if (changed.has("editing") && this.editing !== undefined) this.#write(this.editing.text ?? "");
    if ((changed.has("editing") && this.editing) || (changed.has("answering") && this.answering)) this.focus();
  }

  override focus(): void {
    this.#area?.focus();
  }

  protected override render() {
    const { desk, inbox, conversation } = this;
    const { strings } = desk;
    const names = [...conversation.typing.keys()]
      .filter((who) => who !== inbox.me?.id)
      .map((who) => nameOf(inbox, who));
    const mute = conversation.thread.members.some(({ entity, role }) => entity === inbox.me?.id && role === "visitor");
    return html`
      <p class="typing quiet cut" part="typing" aria-live="polite" dir="auto">${names.length === 0 ? nothing : strings.typing(names)}</p>
      ${mute ? html`<p class="none quiet">${strings.noVoice}</p>` : this.#form(strings.writeTo(titleOf(inbox, conversation) ?? strings.untitled))}
    `;
  }

  #form(label: string) {
    const { strings } = this.desk;
    return html`<form class="composer" part="composer" @submit=${(event: SubmitEvent) => this.#submit(event)}>
      ${this.#about()}
      <div class="write">
        <textarea class="area" part="input" rows="1" dir="auto" enterkeyhint="send" aria-label=${label} placeholder=${strings.write}
          @input=${() => this.#typing()} @keydown=${(event: KeyboardEvent) => this.#press(event)}
          @blur=${() => this.#pause()}></textarea>
        <button class="go" part="send" ?disabled=${this.empty} aria-label=${this.editing ? strings.save : strings.send} title=${this.editing ? strings.save : strings.send}>
          ${this.editing ? icons.check : icons.send}</button>
      </div>
    </form>`;
  }

  #about() {
    const { strings } = this.desk;
    const about = this.editing ?? this.answering;
    if (about === undefined) return nothing;
    const name =
      about.sender === undefined
        ? ""
        : about.sender.id === this.inbox.me?.id
          ? strings.you
          : nameOf(this.inbox, about.sender.id);
    return html`<div class="regarding">
      <span class="cut"><b>${this.editing ? strings.editing : strings.replyingTo(name)}</b> <span dir="auto">${plainText(about)}</span></span>
      <button type="button" class="tool" aria-label=${strings.cancel} title=${strings.cancel} @click=${() => this.#tell("cancel")}>${icons.close}</button>
    </div>`;
  }

  #submit(event: Event): void {
    event.preventDefault();
    const text = this.#area?.value.trim() ?? "";
    if (text === "") return;
    const { chat } = this.desk;
    const thread = this.conversation.thread.id;
    if (this.editing !== undefined) {
      this.desk.attempt(chat.edit(thread, this.editing.id, { text }));
    } else {
      const replyTo = this.answering?.id;
      // A refusal is shown with the message itself.
      chat.send({ thread, text, ...(replyTo === undefined ? {} : { replyTo }) }).catch(() => {});
      drafts.delete(thread);
      this.#typed = 0;
      clearTimeout(this.#hesitation);
    }
    this.#write("");
    this.#tell("cancel");
  }

  #press(event: KeyboardEvent): void {
    // While an input method composes, Enter chooses a word.
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) this.#submit(event);
    if (event.key === "Escape" && (this.editing ?? this.answering) !== undefined) {
      event.stopPropagation();
      this.#tell("cancel");
    }
    if (event.key === "ArrowUp" && this.empty && this.editing === undefined) {
      event.preventDefault();
      this.#tell("edit-last");
    }
  }

  #typing(): void {
    const text = this.#area?.value ?? "";
    this.#fit();
    if (this.editing !== undefined) return;
    drafts.set(this.conversation.thread.id, text);
    if (text === "") this.#pause();
    if (text === "" || Date.now() - this.#typed < TYPING_MS) return;
    this.#typed = Date.now();
    const { thread } = this.conversation;
    this.#hesitation = setTimeout(() => this.desk.chat.typing(thread.id, "composing").catch(() => {}), HESITATION_MS);
  }

  #pause(): void {
    if (this.#typed === 0) return;
    this.#typed = 0;
    clearTimeout(this.#hesitation);
    this.desk.chat.typing(this.conversation.thread.id, "paused").catch(() => {});
  }

  #write(text: string): void {
    if (this.#area !== null) this.#area.value = text;
    this.#fit();
  }

  /** Makes the field as high as what is in it. */
  #fit(): void {
    const area = this.#area;
    if (area === null) return;
    this.empty = area.value.trim() === "";
    area.style.blockSize = "auto";
    area.style.blockSize = `${area.scrollHeight}px`;
  }

  #tell(what: "cancel" | "edit-last"): void {
    this.dispatchEvent(new CustomEvent(`nereid-${what}`));
  }

  get #area(): HTMLTextAreaElement | null {
    return this.querySelector("textarea");
  }
}

function isThread(thread: unknown, id: string): boolean {
  return typeof thread === "object" && thread !== null && "id" in thread && thread.id === id;
}

define("nereid-composer", Composer);
