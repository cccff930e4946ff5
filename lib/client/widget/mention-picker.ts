import { html, nothing } from "lit";
import type { Conversation } from "../view/conversation.js";
import type { Inbox } from "../view/inbox.js";
import { choices, EVERYBODY, MENTIONS_MAX, type Mentionable, mentionsIn, queryAt } from "../view/mention.js";
import { avatar } from "./avatar.js";
import { personName, plainName } from "./names.js";
import type { Strings } from "./strings.js";

/** The entity of the choice that stands for everybody; no user has it, since entities are not empty. */
const ALL = "";

/** Completes the names of members after an `@` in an input, and knows whom its text mentions. */
export class MentionPicker {
  readonly #changed: () => void;
  #conversation: Conversation | undefined;
  #inbox: Inbox | undefined;
  #strings: Strings | undefined;
  #found: { at: number; end: number; list: Mentionable[] } | undefined;
  #active = 0;
  readonly #chosen = new Set<string>();

  /** Calls `changed` when the choices have changed. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Sets whose members can be mentioned. */
  in(conversation: Conversation, inbox: Inbox, strings: Strings): void {
    if (this.#conversation?.thread.id !== conversation.thread.id) this.reset();
    [this.#conversation, this.#inbox, this.#strings] = [conversation, inbox, strings];
  }

  reset(): void {
    this.#chosen.clear();
    this.close();
  }

  close(): void {
    if (this.#found === undefined) return;
    this.#found = undefined;
    this.#changed();
  }

  /** Looks at what stands before the caret. */
  look(area: HTMLTextAreaElement): void {
    const end = area.selectionStart;
    const query = end === area.selectionEnd ? queryAt(area.value, end) : undefined;
    const list = query === undefined ? [] : choices(this.#offered(), query.query);
    if (query === undefined || list.length === 0) {
      this.close();
      return;
    }
    [this.#found, this.#active] = [{ at: query.at, end, list }, 0];
    this.#changed();
  }

  /** Moves in the choices, takes one, or closes them. Returns whether the key was for them. */
  onKey(event: KeyboardEvent, area: HTMLTextAreaElement): boolean {
    const count = this.#found?.list.length ?? 0;
    if (count === 0) return false;
    const step = { ArrowDown: 1, ArrowUp: count - 1 }[event.key];
    const takes = (event.key === "Enter" || event.key === "Tab") && !event.shiftKey;
    if (step === undefined && !takes && event.key !== "Escape") return false;
    event.preventDefault();
    event.stopPropagation();
    if (step !== undefined) this.#active = (this.#active + step) % count;
    if (takes) this.#take(this.#active, area);
    if (event.key === "Escape") this.close();
    else this.#changed();
    return true;
  }

  /** Returns the entities that a text mentions. */
  mentions(text: string): string[] {
    const people = this.#people();
    const named = mentionsIn(text, this.#offered(), this.#chosen);
    const all = named.includes(ALL) ? people.map(({ entity }) => entity) : named;
    return all.slice(0, MENTIONS_MAX);
  }

  /** Attributes of the input, for screen readers. */
  get expanded(): boolean {
    return this.#found !== undefined;
  }

  get activeId(): string | undefined {
    return this.#found === undefined ? undefined : `mention-${this.#active}`;
  }

  render(area: () => HTMLTextAreaElement | null) {
    const [found, inbox, strings] = [this.#found, this.#inbox, this.#strings];
    if (found === undefined || inbox === undefined || strings === undefined) return nothing;
    return html`<ul class="mentions" part="mentions" id="mentions" role="listbox" aria-label=${strings.people}>
      ${found.list.map(({ entity, name }, at) => {
        const take = () => {
          const input = area();
          if (input !== null) this.#take(at, input);
        };
        return html`<li class="choice" id="mention-${at}" role="option" aria-selected=${at === this.#active}
          @pointerdown=${(event: Event) => event.preventDefault()} @click=${take}>
          ${entity === ALL ? nothing : avatar({ id: entity, name, actor: inbox.actors.get(entity) })}
          <bdi class="cut">${entity === ALL ? `@${EVERYBODY} · ${strings.everybody}` : personName(inbox, entity, strings)}</bdi></li>`;
      })}
    </ul>`;
  }

  #take(at: number, area: HTMLTextAreaElement): void {
    const found = this.#found;
    const choice = found?.list[at];
    if (found === undefined || choice === undefined) return;
    this.#chosen.add(choice.entity);
    this.close();
    area.focus();
    area.setRangeText(`@${choice.name} `, found.at, found.end, "end");
    area.dispatchEvent(new InputEvent("input", { bubbles: true }));
    // A name that begins with this one is not offered next, or Enter would take it instead of sending.
    this.close();
  }

  /** The members of a room except the user; of a direct thread nobody needs to be named. */
  #people(): Mentionable[] {
    const [it, inbox] = [this.#conversation, this.#inbox];
    if (it === undefined || inbox === undefined || it.thread.kind !== "room") return [];
    const others = it.thread.members.filter(({ entity }) => entity !== inbox.me?.id);
    return others.map(({ entity }) => ({ entity, name: plainName(inbox.actors.get(entity) ?? { id: entity }) }));
  }

  /** Owners may mention everybody, where that is few enough. */
  #offered(): Mentionable[] {
    const people = this.#people();
    const { members = [], memberCount = 0 } = this.#conversation?.thread ?? {};
    const owns = members.some(({ entity, role }) => entity === this.#inbox?.me?.id && role === "owner");
    const all = owns && people.length > 1 && memberCount <= MENTIONS_MAX + 1;
    return all ? [...people, { entity: ALL, name: EVERYBODY }] : people;
  }
}
