import { html, nothing } from "lit";
import { guard } from "lit/directives/guard.js";
import { type Entry, find } from "../view/entry.js";
import { EVERYBODY, type Mention } from "../view/mention.js";
import { partner } from "../view/partner.js";
import { progress, readers } from "../view/progress.js";
import type { Row } from "../view/timeline.js";
import { avatar } from "./avatar.js";
import { time } from "./date.js";
import { place } from "./file-place.js";
import * as icons from "./icons.js";
import type { MessageContext } from "./message-context.js";
import { personName, plainName } from "./names.js";
import { isLong, plainText, richText } from "./richtext.js";
import { problemIn } from "./strings.js";
import { working } from "./working.js";

// A quotation is one line.
const QUOTE_MAX = 200;

/** Renders one message; cached until something that it shows has changed. */
export function row(it: Extract<Row, { kind: "entry" }>, context: MessageContext) {
  const { entry, first, last } = it;
  const { inbox, conversation, active, menu, target } = context;
  const me = inbox.me?.id ?? "";
  const own = entry.sender?.id === me;
  const read = own ? progress(conversation, entry, me) : undefined;
  const count = read === "read" ? readers(conversation, entry.seq, me).length : 0;
  const { replyTo } = entry;
  const { entries, apart } = conversation;
  const quoted =
    replyTo === undefined ? undefined : ((apart && find(apart.entries, replyTo)) ?? find(entries, replyTo));
  const opened = active === entry.id ? [menu, context.touch].join() : undefined;
  const dependencies = [
    entry,
    first,
    last,
    read,
    count,
    quoted,
    opened,
    context.unfolded.has(entry.id),
    isWaiting(entry, inbox),
    target === entry.id,
    inbox.actors,
    context.widget,
    conversation.thread.kind,
  ];
  return guard(dependencies, () => render(it, context, quoted));
}

function render(
  { entry, first, last }: Extract<Row, { kind: "entry" }>,
  context: MessageContext,
  quoted: Entry | undefined,
) {
  const { widget, inbox, conversation, active, target } = context;
  const { strings, language } = widget;
  const by = entry.sender?.id;
  const own = by !== undefined && by === inbox.me?.id;
  const name = own ? strings.you : by === undefined ? "" : personName(inbox, by, strings);
  const gone = entry.retracted !== undefined || entry.blocked === true;
  const kind = [own && "own", first && "first", last && "last", gone && "gone", target === entry.id && "sought"];
  const at = time(entry.timestamp, language);
  return html`<div class="row ${kind.filter(Boolean).join(" ")}" part="message" data-id=${entry.id} tabindex="-1" role="article"
    aria-label=${[name, at].filter(Boolean).join(", ")}
    @pointerover=${({ pointerType }: PointerEvent) => pointerType === "mouse" && context.activate(entry.id)}
    @focusin=${() => context.focus(entry.id)}
    @click=${(event: Event) => context.tap(entry.id, event)}>
    ${own || gone ? nothing : first && by !== undefined ? avatar({ id: by, name, actor: inbox.actors.get(by) }) : html`<span class="beside"></span>`}
    <div class="stack">
      ${first && !own && !gone && partner(conversation, inbox.me?.id) === undefined ? html`<p class="name" dir="auto"><bdi>${name}</bdi></p>` : nothing}
      <div class="bubble" part=${own ? "bubble own" : "bubble"}>
        ${gone ? html`<em>${entry.blocked ? strings.blockedMessage : strings.retracted}</em>` : content(entry, context, quoted)}
        ${gone ? nothing : meta(entry, context, at)}
      </div>
      ${unsent(entry, context)}
      ${reactions(entry, context)}
    </div>
    ${active === entry.id && !gone && Number.isFinite(entry.seq) ? html`<nereid-tools .entry=${entry} .context=${context}></nereid-tools>` : nothing}
  </div>`;
}

function content(entry: Entry, context: MessageContext, quoted: Entry | undefined) {
  return html`
    ${entry.replyTo === undefined ? nothing : quote(entry.replyTo, quoted, context)}
    ${entry.subject ? html`<b class="subject" dir="auto">${entry.subject}</b>` : nothing}
    ${entry.text ? text(entry, context) : nothing}
    ${entry.attachments?.length || entry.files ? attachments(entry, context) : nothing}
  `;
}

/** Renders what keeps its place until its part is loaded: most messages have no attachments. */
function attachments(entry: Entry, { widget }: MessageContext) {
  // The next message tries again.
  import("./files.js").catch(() => {});
  return html`<nereid-attachments .widget=${widget} .entry=${entry}>${entry.attachments?.map(place)}</nereid-attachments>`;
}

function text(entry: Entry, context: MessageContext) {
  const { strings } = context.widget;
  const long = isLong(entry);
  const folded = long && !context.unfolded.has(entry.id);
  return html`<div class=${folded ? "text folded" : "text"} part="text" dir="auto" lang=${entry.language ?? nothing}>${richText(entry, mentioned(entry, context))}</div>
    ${long ? html`<button class="more" aria-expanded=${!folded} @click=${() => context.toggleFold(entry.id)}>${folded ? strings.more : strings.less}</button>` : nothing}`;
}

/** Returns the names that a message mentions. The author of "all" meant each of those who are listed. */
function mentioned({ mentions = [] }: Entry, { inbox }: MessageContext): Mention[] {
  const isMe = (entity: string) => entity === inbox.me?.id;
  const named = mentions.map((entity) => {
    const actor = inbox.actors.get(entity) ?? (isMe(entity) ? inbox.me : undefined);
    return { name: plainName(actor ?? { id: entity }), mine: isMe(entity) };
  });
  return mentions.length < 2 ? named : [...named, { name: EVERYBODY, mine: mentions.some(isMe) }];
}

function quote(id: string, quoted: Entry | undefined, context: MessageContext) {
  const { inbox, widget } = context;
  const by = quoted?.sender?.id;
  const name =
    by === undefined ? undefined : by === inbox.me?.id ? widget.strings.you : personName(inbox, by, widget.strings);
  const text =
    quoted === undefined
      ? widget.strings.earlier
      : quoted.retracted
        ? widget.strings.retracted
        : plainText(quoted).slice(0, QUOTE_MAX);
  return html`<button class="quote" part="quote" @click=${() => context.goTo(id)}>
    ${name === undefined ? nothing : html`<b class="cut" dir="auto">${name}</b>`}<span class="cut" dir="auto">${text}</span></button>`;
}

function meta(entry: Entry, { widget, inbox, conversation }: MessageContext, at: string) {
  const { strings } = widget;
  const me = inbox.me?.id ?? "";
  const own = entry.sender?.id === me;
  return html`<span class="meta">
    ${entry.edited === undefined ? nothing : html`<span>${strings.edited}</span>`}
    <time datetime=${entry.timestamp}>${at}</time>
    ${own ? tick(progress(conversation, entry, me), entry, { widget, inbox, conversation }) : nothing}
  </span>`;
}

function tick(
  state: ReturnType<typeof progress>,
  entry: Entry,
  { widget, inbox, conversation }: Pick<MessageContext, "widget" | "inbox" | "conversation">,
) {
  const { strings } = widget;
  const names =
    state === "read"
      ? readers(conversation, entry.seq, inbox.me?.id ?? "").map((entity) => personName(inbox, entity, strings))
      : [];
  const text =
    names.length > 0 && partner(conversation, inbox.me?.id) === undefined ? strings.readBy(names) : strings[state];
  const icon = {
    pending: icons.clock,
    sent: icons.check,
    delivered: icons.checks,
    read: icons.checks,
    refused: icons.alert,
  }[state];
  return html`<span class="tick ${state}" part="receipt ${state}" title=${text}>${icon}<span class="unseen">${text}</span></span>`;
}

function unsent(entry: Entry, context: MessageContext) {
  const { refused, pending, files } = entry;
  if (files && (refused || pending))
    return html`<nereid-unsent .widget=${context.widget} .entry=${entry} @nereid-return=${() => context.request("return", entry)}></nereid-unsent>`;
  return refused ? refusal(entry, context) : isWaiting(entry, context.inbox) ? waiting(entry, context) : nothing;
}

function refusal(entry: Entry, { widget, request }: MessageContext) {
  const { strings } = widget;
  return html`<p class="refusal">
    ${strings.refused}: ${problemIn(strings, entry.refused?.code ?? "other", entry.refused?.detail)}
    ${entry.text ? html`<button @click=${() => request("return", entry)}>${strings.edit}</button>` : nothing}
    <button @click=${() => widget.discard(entry.thread, entry.id)}>${strings.discard}</button>
  </p>`;
}

// With a connection, a message has normally left before anybody could take it back.
export const LATE_MS = 3_000;

function isWaiting({ pending, timestamp }: Entry, { state }: MessageContext["inbox"]): boolean {
  return pending === true && (state !== "online" || Date.now() - Date.parse(timestamp) >= LATE_MS);
}

/** Offers to take back a message that has not left yet; its text returns to the input. */
function waiting(entry: Entry, { widget, request }: MessageContext) {
  const withdraw = async () => {
    if (await widget.attempt(widget.chat.withdraw(entry.id))) request("return", entry);
  };
  return html`<p class="refusal"><button @click=${working(withdraw)}>${widget.strings.withdraw}</button></p>`;
}

function reactions({ id, thread, reactions = {} }: Entry, { widget, inbox, done }: MessageContext) {
  const all = Object.entries(reactions);
  if (all.length === 0) return nothing;
  const me = inbox.me?.id ?? "";
  return html`<div class="reactions" part="reactions">${all.map(([emoji, entities]) => {
    const mine = entities.includes(me);
    const names = entities.map((entity) =>
      entity === me ? widget.strings.you : personName(inbox, entity, widget.strings),
    );
    const text = widget.strings.reaction(emoji, names);
    const react = () => {
      // The button goes away with the last reaction.
      if (mine && entities.length === 1) done(id);
      return widget.attempt(widget.chat.react(thread, id, emoji, { remove: mine }));
    };
    return html`<button class="reaction" part="reaction" aria-pressed=${mine} title=${text}
      @click=${working(react)}>${emoji}<span aria-hidden="true">${entities.length}</span><span class="unseen">${names.join(", ")}</span></button>`;
  })}</div>`;
}
