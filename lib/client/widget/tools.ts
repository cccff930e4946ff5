import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { type Entry, isEditable } from "../view/entry.js";
import * as icons from "./icons.js";
import type { MessageContext } from "./message-context.js";
import { define, Part } from "./part.js";
import { plainText } from "./richtext.js";
import { adopt } from "./style/adopt.js";
import { tools as style } from "./style/tools.js";
import { isRepeated, working } from "./working.js";

// Sheets that a press has begun in. A sheet is rendered again between a press and its click, for example when its message was received.
const pressed = new WeakSet<EventTarget>();

/**
 * The actions on a message: react and reply, edit and delete for the user's own, report for those of others. By mouse and keyboard they are a toolbar at
 * the message, by touch a sheet at the lower edge of the screen.
 */
class Tools extends Part {
  static override properties: PropertyDeclarations = { entry: { attribute: false }, context: { attribute: false } };
  declare entry: Entry;
  declare context: MessageContext;

  override connectedCallback(): void {
    super.connectedCallback();
    adopt(this, style);
  }

  protected override render() {
    return tools(this.entry, this.context);
  }

  protected override updated(): void {
    this.querySelector<HTMLDialogElement>(".drawer:not([open])")?.showModal();
  }
}

function tools(entry: Entry, context: MessageContext) {
  const { strings } = context.widget;
  const actions = [...actionsOn(entry, context), ...(context.menu === "emoji" ? [] : moreActions(entry, context))];
  if (!context.touch)
    return actions.length === 0
      ? nothing
      : html`<div class="tools" part="tools" role="group" aria-label=${strings.actions}>${actions}</div>`;
  // A long press ends over the sheet that it has opened, maybe on an action: that is no click. Clicks of the keyboard have no detail.
  const onPress = ({ currentTarget }: Event) => currentTarget !== null && pressed.add(currentTarget);
  const onClick = {
    capture: true,
    handleEvent(event: MouseEvent) {
      const isPressed = event.currentTarget !== null && pressed.has(event.currentTarget);
      if (!isPressed && event.detail > 0) event.stopPropagation();
      else if (event.target === event.currentTarget) context.activate(undefined);
    },
  };
  return html`<dialog class="drawer" part="tools" aria-label=${strings.actions}
    @close=${() => context.activate(undefined)} @pointerdown=${onPress} @click=${onClick} @keydown=${(event: Event) => event.stopPropagation()}>
    <div class="drawn">
      ${actions}
      ${tool(strings.close, icons.close, () => context.activate(undefined))}
    </div>
  </dialog>`;
}

/** The reactions, or all actions that the user may take. */
function actionsOn(entry: Entry, context: MessageContext) {
  const { widget, inbox, conversation, menu } = context;
  const { strings, chat } = widget;
  const { id, thread } = entry;
  const me = inbox.me?.id ?? "";
  const role = conversation.thread.members.find(({ entity }) => entity === me)?.role;
  const report = () => {
    context.done(id);
    context.request("report", entry);
  };
  const reporting = entry.sender?.id === me ? nothing : tool(strings.report, icons.flag, report);
  if (role === "visitor") return reporting === nothing ? [] : [reporting];
  const mayRetract = entry.sender?.id === me || (role === "owner" && conversation.thread.kind === "room");
  const mine = (emoji: string) => entry.reactions?.[emoji]?.includes(me) === true;
  const react = (emoji: string) => {
    context.done(id);
    return widget.attempt(chat.react(thread, id, emoji, { remove: mine(emoji) }));
  };
  const retract = (event: MouseEvent) => {
    if (menu !== "retract") return context.toggleMenu("retract");
    if (isRepeated(event)) return;
    context.done(id);
    return widget.attempt(chat.retract(thread, id));
  };
  const first = tool(strings.react, icons.smile, () => context.toggleMenu("emoji"), menu === "emoji");
  if (menu === "emoji")
    return [
      first,
      ...widget.emoji.map(
        (emoji) =>
          html`<button class="tool emoji" aria-label=${strings.reactWith(emoji)} aria-pressed=${mine(emoji)} @click=${working(() => react(emoji))}>${emoji}</button>`,
      ),
    ];
  return [
    first,
    tool(strings.reply, icons.reply, () => context.request("reply", entry)),
    isEditable(entry, me) ? tool(strings.edit, icons.pencil, () => context.request("edit", entry)) : nothing,
    mayRetract
      ? html`<button class=${menu === "retract" ? "sure" : "tool"} aria-label=${strings.retract} title=${strings.retract} @click=${working(retract)}>${menu === "retract" ? strings.retract : label(strings.retract, icons.bin)}</button>`
      : nothing,
    reporting,
  ];
}

/** What everybody may do who reads the message. */
function moreActions(entry: Entry, context: MessageContext) {
  const { strings, open } = context.widget;
  const opening = (name: "forward" | "info") => () => {
    context.done(entry.id);
    open({ name, entry });
  };
  return [
    // Without https, browsers keep the clipboard from pages.
    navigator.clipboard ? tool(strings.copy, icons.copy, () => copy(entry, context)) : nothing,
    tool(strings.forward, icons.forward, opening("forward")),
    tool(strings.seenBy, icons.eye, opening("info")),
  ];
}

function tool(name: string, icon: TemplateResult, act: () => void, open?: boolean) {
  return html`<button class="tool" aria-label=${name} title=${name} aria-expanded=${open === undefined ? nothing : open} @click=${act}>${label(name, icon)}</button>`;
}

// The sheet has room for the name beside the icon.
function label(name: string, icon: TemplateResult) {
  return html`${icon}<span class="word" aria-hidden="true">${name}</span>`;
}

function copy(entry: Entry, { widget, done }: MessageContext): void {
  done(entry.id);
  void widget.attempt(navigator.clipboard.writeText(plainText(entry)));
}

define("nereid-tools", Tools);
