import { html, nothing, type PropertyDeclarations } from "lit";
import { uuid } from "../environment/uuid.js";
import { codeOf } from "../protocol/problem.js";
import type { Conversation } from "../view/conversation.js";
import { type Entry, marked } from "../view/entry.js";
import type { Attach } from "./attach.js";
import { ChatStateSender } from "./chat-state.js";
import { draftOf } from "./draft.js";
import { DraftFollower } from "./draft-follower.js";
import type { Regarding } from "./drafts.js";
import * as icons from "./icons.js";
import { isComposing } from "./input-device.js";
import { conversationTitle, typingNames } from "./names.js";
import { define, Part } from "./part.js";
import { regarded } from "./regarding.js";
import { saveEdit } from "./save-edit.js";
import { problemIn } from "./strings.js";
import { fitHeight, isTooLarge, roomLeft } from "./text-area.js";
import { WritingAids } from "./writing-aids.js";

/** The input for a new message, a reply or an edit. */
class Composer extends Part {
  static override properties: PropertyDeclarations = {
    conversation: { attribute: false },
    regarding: { attribute: false },
    returned: { attribute: false },
    empty: { state: true },
    room: { state: true },
    saving: { state: true },
    problem: { state: true },
  };
  declare conversation: Conversation;
  declare regarding: Regarding | undefined;
  /** A message that was refused, whose text the user wants back. */
  declare returned: Entry | undefined;
  declare empty: boolean;
  /** How many more letters the text may have, once they are few. */
  declare room: number | undefined;
  /** The id of the message whose edit is not accepted yet. */
  declare saving: string | undefined;
  /** Why the text could not be sent. */
  declare problem: string | undefined;
  /** The thread and the user whose draft is in the input, or the message whose edit is. */
  #shown: { thread: string; user: string | undefined; editing: Entry | undefined } | undefined;
  readonly #follower = new DraftFollower(this, (thread) => this.#onDraft(thread));
  readonly #state = new ChatStateSender(() => this.widget);
  readonly #aids = new WritingAids(() => this.requestUpdate());

  constructor() {
    super();
    this.empty = true;
  }

  protected override willUpdate(): void {
    this.#aids.picker?.in(this.conversation, this.inbox, this.widget);
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    const thread = this.conversation.thread.id;
    const user = this.inbox.me?.id;
    const { regarding } = this;
    this.#follower.follow(this.widget.drafts());
    const other = this.#shown?.thread !== thread;
    if (other) this.#aids.links?.reset();
    // Text that was typed before the user was known stays.
    const known = this.#shown?.user !== user && this.empty;
    const edits = this.#shown?.editing !== regarding?.editing;
    const returned = changed.has("returned") && this.returned?.thread === thread;
    this.#shown = { thread, user, editing: regarding?.editing };
    if (other || known || edits || returned)
      this.#setText(regarding?.editing ? regarding.text : this.widget.drafts().get(thread));
    if (returned || (changed.has("regarding") && regarding !== undefined && !other)) this.focus();
  }

  override focus(): void {
    this.#area?.focus();
  }

  protected override render() {
    const { widget, inbox, conversation } = this;
    const { strings } = widget;
    const names = typingNames(inbox, conversation, strings);
    const mute = conversation.thread.members.some(({ entity, role }) => entity === inbox.me?.id && role === "visitor");
    return html`
      <p class="typing quiet cut" part="typing" aria-live="polite" dir="auto">${names.length === 0 ? nothing : strings.typing(names)}</p>
      ${mute ? html`<p class="none quiet">${strings.noVoice}</p>` : this.#form(strings.writeTo(conversationTitle(inbox, conversation, strings)))}
    `;
  }

  #form(label: string) {
    // Without what takes files, a text is still sent.
    import("./files.js").catch(() => {});
    const { strings, enter } = this.widget;
    const name = this.#editing ? strings.save : strings.send;
    const busy = this.saving !== undefined && this.saving === this.#editing?.id;
    return html`<form class="composer" part="composer" aria-busy=${busy} @submit=${(event: SubmitEvent) => this.#submit(event)}>
      ${regarded(this.widget, this.inbox, this.regarding, () => this.#dispatch("cancel"))}
      <p class="refusal" role="alert">${this.problem ?? nothing}</p>
      ${this.#aids.links?.render(strings) ?? nothing}
      ${this.#aids.picker?.render(() => this.#area) ?? nothing}
      <p class="room quiet" role="status">${this.room === undefined ? nothing : strings.left(this.room)}</p>
      ${this.#aids.panel(this.widget, () => this.#area)}
      <div class="write">
        <nereid-attach ?hidden=${this.#editing !== undefined} .widget=${this.widget} .thread=${this.conversation.thread.id} .returned=${this.returned}
          @nereid-files=${() => this.#resize()}></nereid-attach>
        <textarea class="area" part="input" rows="1" dir=${this.empty ? nothing : "auto"} enterkeyhint=${enter === "send" ? "send" : "enter"}
          aria-label=${label} placeholder=${strings.write} ?readonly=${busy}
          aria-autocomplete="list" aria-controls=${this.#aids.picker?.expanded ? "mentions" : nothing} aria-activedescendant=${this.#aids.picker?.activeId ?? nothing}
          @focus=${() => this.#aids.load(() => [this.willUpdate(), this.#look()])} @input=${() => this.#onInput()} @keydown=${(event: KeyboardEvent) => this.#onKey(event)}
          @blur=${() => [this.#aids.picker?.close(), this.#state.pause()]}></textarea>
        ${this.#aids.button(this.widget, () => this.#area)}
        <button class="go" part="send" ?disabled=${this.empty || busy} aria-label=${name} title=${name}>${this.#editing ? icons.check : icons.send}</button>
      </div>
    </form>`;
  }

  #submit(event: Event): void {
    event.preventDefault();
    const text = this.#area?.value.trim() ?? "";
    if (this.empty || (this.saving !== undefined && this.saving === this.#editing?.id)) return;
    if (isTooLarge(text)) this.#refuse("too_large");
    else if (this.#editing !== undefined && marked(this.#editing).trim() === text) this.#dispatch("cancel");
    else if (this.#editing !== undefined) this.#saveEdit(this.#editing, text);
    else this.#send(text);
  }

  #send(text: string): void {
    const { chat } = this.widget;
    const thread = this.conversation.thread.id;
    const id = uuid();
    const files = this.#attach?.take?.() ?? [];
    const draft = draftOf({ ...this.widget.address(thread), id, ...this.#aids.contents(text), files }, this.regarding);
    // Other refusals are shown at the message itself.
    chat.send(draft).catch((it) => !draft.files && codeOf(it) === "too_large" && this.#onTooLarge(thread, id, text));
    this.widget.drafts().set(thread, "");
    this.#state.overtake();
    this.#aids.reset();
    this.#setText("");
    this.#dispatch("cancel");
  }

  /** The deployment accepts less than is known here: the text returns to the input. */
  #onTooLarge(thread: string, id: string, text: string): void {
    this.widget.discard(thread, id);
    this.widget.drafts().add(thread, text);
    if (this.conversation.thread.id !== thread || this.#editing !== undefined) return;
    this.#setText(this.widget.drafts().get(thread));
    this.#refuse("too_large");
  }

  /** Editing ends once the edit is accepted; until then, and when it is refused, the text stays in the input. */
  async #saveEdit(entry: Entry, text: string): Promise<void> {
    this.saving = entry.id;
    const saving = saveEdit(this.widget, entry, this.#aids.edited(text, entry));
    const error: unknown = await saving.catch((it: unknown) => it);
    const code = error === undefined ? undefined : (codeOf(error) ?? "other");
    if (this.saving === entry.id) this.saving = undefined;
    if (this.#editing?.id !== entry.id) await this.widget.attempt(saving);
    else if (code === undefined) this.#dispatch("cancel");
    else if (code !== "closed") this.#refuse(code, error instanceof Error ? error.message : "");
  }

  #refuse(code: string, detail?: string): void {
    this.problem = problemIn(this.widget.strings, code, detail);
    this.focus();
  }

  #onKey(event: KeyboardEvent): void {
    if (isComposing(event)) return;
    const { picker, format } = this.#aids;
    if (this.#area !== null && (picker?.onKey(event, this.#area) || format?.(event, this.#area))) return;
    const sends = event.ctrlKey || event.metaKey || (!event.shiftKey && this.widget.enter === "send");
    if (event.key === "Enter" && sends) this.#submit(event);
    if (event.key === "Escape" && (this.#aids.isOpen || this.regarding !== undefined)) {
      event.stopPropagation();
      if (this.#aids.isOpen) this.#aids.toggle(this.widget, this.#area);
      else this.#dispatch("cancel");
    }
    if (event.key === "ArrowUp" && this.empty && this.#editing === undefined) {
      event.preventDefault();
      this.#dispatch("edit-last");
    }
  }

  #onInput(): void {
    const text = this.#area?.value ?? "";
    this.#resize();
    this.problem = undefined;
    this.#look();
    if (this.regarding?.editing) this.regarding.text = text;
    if (this.#editing !== undefined) return;
    const { id } = this.conversation.thread;
    this.widget.drafts().set(id, text);
    this.#state.onText(id, text);
  }

  #look(): void {
    const { picker, links } = this.#aids;
    const area = this.#area;
    if (area === null) return;
    picker?.look(area);
    if (this.#editing === undefined) links?.look(area.value, this.widget.chat);
  }

  /** The draft follows the user from their other tabs. */
  #onDraft(thread: string): void {
    const shown = thread === this.conversation.thread.id && this.#editing === undefined;
    if (shown) this.#setText(this.widget.drafts().get(thread));
  }

  #setText(text: string): void {
    if (this.#area !== null) this.#area.value = text;
    this.problem = undefined;
    this.#resize();
  }

  /** Fits the height of the input to its text. */
  #resize(): void {
    const area = this.#area;
    if (area === null) return;
    const files = this.#editing === undefined ? (this.#attach?.count ?? 0) : 0;
    [this.empty, this.room] = [area.value.trim() === "" && files === 0, roomLeft(area.value)];
    fitHeight(area);
  }

  get #editing(): Entry | undefined {
    return this.regarding?.editing;
  }

  #dispatch(name: "cancel" | "edit-last"): void {
    this.dispatchEvent(new CustomEvent(`nereid-${name}`));
    // The button that cancels goes away with what it cancels, and the one that sends is disabled.
    if (name === "cancel") this.focus();
  }

  get #attach(): Partial<Attach> | null {
    return this.querySelector<Attach>("nereid-attach");
  }

  get #area(): HTMLTextAreaElement | null {
    return this.querySelector("textarea");
  }
}

define("nereid-composer", Composer);
