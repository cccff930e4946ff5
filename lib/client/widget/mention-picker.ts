import { html, nothing } from "lit";
import type { Conversation } from "../view/conversation.js";
import { addActors, type Inbox } from "../view/inbox.js";
import { MemberPages } from "../view/member-pages.js";
import { choices, EVERYBODY, MENTIONS_MAX, type Mentionable, mentionsIn, queryAt } from "../view/mention.js";
import { avatar } from "./avatar.js";
import { personName, plainName } from "./names.js";
import type { Widget } from "./part.js";

/** The entity of the choice that stands for everybody; no user has it, since entities are not empty. */
const ALL = "";
// With fewer choices among the members whom the thread names, others are looked for.
const ENOUGH = 5;

/** Completes the names of members after an `@` in an input, and knows whom its text mentions. */
export class MentionPicker {
  readonly #changed: () => void;
  #conversation: Conversation | undefined;
  #inbox: Inbox | undefined;
  #widget: Widget | undefined;
  /** The members whom the thread does not name, as far as they are loaded. */
  #more: Mentionable[] = [];
  #pages: MemberPages | undefined;
  #looking = false;
  #found: { at: number; end: number; list: Mentionable[] } | undefined;
  #active = 0;
  readonly #chosen = new Set<string>();

  /** Calls `changed` when the choices have changed. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Sets whose members can be mentioned. */
  in(conversation: Conversation, inbox: Inbox, widget: Widget): void {
    if (this.#conversation?.thread.id !== conversation.thread.id) {
      this.reset();
      [this.#pages, this.#more] = [undefined, []];
    }
    [this.#conversation, this.#inbox, this.#widget] = [conversation, inbox, widget];
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
    const count = this.#offer(area);
    if (count !== undefined && count < ENOUGH) this.#loadMore(area);
  }

  /** Offers the choices for what stands before the caret, and returns how many there are; undefined where that is no name. */
  #offer(area: HTMLTextAreaElement): number | undefined {
    const end = area.selectionStart;
    const query = end === area.selectionEnd ? queryAt(area.value, end) : undefined;
    const list = query === undefined ? [] : choices(this.#offered(), query.query);
    if (query === undefined || list.length === 0) this.close();
    else {
      [this.#found, this.#active] = [{ at: query.at, end, list }, 0];
      this.#changed();
    }
    return query && list.length;
  }

  /** Loads members whom the thread does not name, for as long as somebody looks for one of them. */
  #loadMore(area: HTMLTextAreaElement): void {
    const [it, widget] = [this.#conversation, this.#widget];
    if (it === undefined || widget === undefined || it.thread.kind !== "room") return;
    const { id, members: named, memberCount } = it.thread;
    if (this.#looking || memberCount <= named.length) return;
    this.#pages ??= new MemberPages(widget.chat, id, (members) => {
      const fresh = members.filter(({ entity }) => !named.some((other) => other.entity === entity));
      this.#more.push(...fresh.map(({ entity, actor }) => ({ entity, name: plainName(actor ?? { id: entity }) })));
      const actors = members.map(({ actor }) => actor);
      widget.mirror.edit((inbox) => addActors(inbox, actors));
    });
    const pages = this.#pages;
    const wanted = () => this.#pages === pages && (this.#offer(area) ?? ENOUGH) < ENOUGH;
    this.#looking = true;
    // Without the others, those who are named can be mentioned.
    const looked = pages.all(wanted).catch(() => {});
    void looked.then(() => {
      this.#looking = false;
      wanted();
    });
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
    const [found, inbox, strings] = [this.#found, this.#inbox, this.#widget?.strings];
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
    const named = others.map(({ entity }) => ({ entity, name: plainName(inbox.actors.get(entity) ?? { id: entity }) }));
    return [...named, ...this.#more.filter(({ entity }) => entity !== inbox.me?.id)];
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
