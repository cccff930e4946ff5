import { html, nothing } from "lit";
import { guard } from "lit/directives/guard.js";
import { discard, type Entry, progress, readers } from "../view/conversation.js";
import { nameOf, update } from "../view/inbox.js";
import type { Row } from "../view/timeline.js";
import { avatar } from "./avatar.js";
import { time } from "./date.js";
import * as icons from "./icons.js";
import { attached, plainText, richText } from "./richtext.js";
import type { Scene } from "./scene.js";
import { problemIn } from "./strings.js";
import { tools } from "./tools.js";

/** Draws one message; again only when something of it has changed. */
export function row(it: Extract<Row, { kind: "entry" }>, scene: Scene) {
  const { entry, first, last } = it;
  const { inbox, conversation, active, choosing, sought } = scene;
  const me = inbox.me?.id ?? "";
  const own = entry.sender?.id === me;
  const read = own ? progress(conversation, entry, me) : undefined;
  const count = read === "read" ? readers(conversation, entry.seq, me).length : 0;
  const quoted = entry.replyTo === undefined ? undefined : conversation.entries.find(({ id }) => id === entry.replyTo);
  const opened = active === entry.id ? (choosing ?? "tools") : undefined;
  const known = [
    entry,
    first,
    last,
    read,
    count,
    quoted,
    opened,
    sought === entry.id,
    inbox.actors,
    scene.desk,
    conversation.thread.kind,
  ];
  return guard(known, () => draw(it, scene, quoted));
}

function draw({ entry, first, last }: Extract<Row, { kind: "entry" }>, scene: Scene, quoted: Entry | undefined) {
  const { desk, inbox, conversation, active, sought } = scene;
  const { strings, language } = desk;
  const by = entry.sender?.id;
  const own = by !== undefined && by === inbox.me?.id;
  const name = own ? strings.you : by === undefined ? "" : nameOf(inbox, by);
  const gone = entry.retracted !== undefined || entry.blocked === true;
  const kind = [own && "own", first && "first", last && "last", gone && "gone", sought === entry.id && "sought"];
  const at = time(entry.timestamp, language);
  return html`<div class="row ${kind.filter(Boolean).join(" ")}" part="message" data-id=${entry.id} tabindex="-1" role="article"
    aria-label=${[name, at].filter(Boolean).join(", ")}
    @pointerover=${({ pointerType }: PointerEvent) => pointerType === "mouse" && scene.activate(entry.id)}
    @focusin=${() => scene.activate(entry.id)}>
    ${own || gone ? nothing : first && by !== undefined ? avatar({ id: by, name, actor: inbox.actors.get(by) }) : html`<span class="beside"></span>`}
    <div class="stack">
      ${first && !own && !gone && conversation.thread.kind === "room" ? html`<p class="name" dir="auto">${name}</p>` : nothing}
      <div class="bubble" part=${own ? "bubble own" : "bubble"}>
        ${gone ? html`<em>${entry.blocked ? strings.blockedMessage : strings.retracted}</em>` : said(entry, scene, quoted)}
        ${gone ? nothing : meta(entry, scene, at)}
      </div>
      ${entry.refused === undefined ? nothing : refusal(entry, scene)}
      ${reactions(entry, scene)}
    </div>
    ${active === entry.id && !gone && Number.isFinite(entry.seq) ? tools(entry, scene) : nothing}
  </div>`;
}

function said(entry: Entry, scene: Scene, quoted: Entry | undefined) {
  const { strings, language } = scene.desk;
  return html`
    ${entry.replyTo === undefined ? nothing : quote(entry.replyTo, quoted, scene)}
    ${entry.subject ? html`<b class="subject" dir="auto">${entry.subject}</b>` : nothing}
    ${entry.text ? html`<div class="text" part="text" dir="auto" lang=${entry.language ?? nothing}>${richText(entry)}</div>` : nothing}
    ${attached(entry, strings.attachment, language).map(
      ({
        url,
        name,
        size,
      }) => html`<a class="file" part="attachment" href=${url} target="_blank" rel="noopener noreferrer nofollow">
        ${icons.file}<span class="cut" dir="auto">${name}</span>${size === undefined ? nothing : html`<small>${size}</small>`}</a>`,
    )}
  `;
}

function quote(id: string, quoted: Entry | undefined, scene: Scene) {
  const { inbox, desk } = scene;
  const by = quoted?.sender?.id;
  const name = by === undefined ? undefined : by === inbox.me?.id ? desk.strings.you : nameOf(inbox, by);
  const text =
    quoted === undefined ? desk.strings.earlier : quoted.retracted ? desk.strings.retracted : plainText(quoted);
  return html`<button class="quote" part="quote" ?disabled=${quoted === undefined} @click=${() => scene.goTo(id)}>
    ${name === undefined ? nothing : html`<b class="cut" dir="auto">${name}</b>`}<span class="cut" dir="auto">${text}</span></button>`;
}

function meta(entry: Entry, { desk, inbox, conversation }: Scene, at: string) {
  const { strings } = desk;
  const me = inbox.me?.id ?? "";
  const own = entry.sender?.id === me;
  return html`<span class="meta">
    ${entry.edited === undefined ? nothing : html`<span>${strings.edited}</span>`}
    <time datetime=${entry.timestamp}>${at}</time>
    ${own ? tick(progress(conversation, entry, me), entry, { desk, inbox, conversation }) : nothing}
  </span>`;
}

function tick(
  state: ReturnType<typeof progress>,
  entry: Entry,
  { desk, inbox, conversation }: Pick<Scene, "desk" | "inbox" | "conversation">,
) {
  const { strings } = desk;
  const names =
    state === "read" ? readers(conversation, entry.seq, inbox.me?.id ?? "").map((who) => nameOf(inbox, who)) : [];
  const text = names.length > 0 && conversation.thread.kind === "room" ? strings.readBy(names) : strings[state];
  const icon = {
    pending: icons.clock,
    sent: icons.check,
    delivered: icons.checks,
    read: icons.checks,
    refused: icons.alert,
  }[state];
  return html`<span class="tick ${state}" part="receipt ${state}" title=${text}>${icon}<span class="unseen">${text}</span></span>`;
}

function refusal(entry: Entry, { desk }: Scene) {
  const { strings, mirror } = desk;
  return html`<p class="refusal">
    ${strings.refused}: ${problemIn(strings, entry.refused?.code ?? "other")}
    <button @click=${() => mirror.edit((inbox) => update(inbox, entry.thread, (it) => discard(it, entry.id)))}>${strings.discard}</button>
  </p>`;
}

function reactions({ id, thread, reactions = {} }: Entry, { desk, inbox }: Scene) {
  const all = Object.entries(reactions);
  if (all.length === 0) return nothing;
  const me = inbox.me?.id ?? "";
  return html`<div class="reactions" part="reactions">${all.map(([emoji, who]) => {
    const mine = who.includes(me);
    const names = who.map((entity) => (entity === me ? desk.strings.you : nameOf(inbox, entity)));
    const text = desk.strings.reaction(emoji, names);
    return html`<button class="reaction" part="reaction" aria-pressed=${mine} title=${text}
      @click=${() => desk.attempt(desk.chat.react(thread, id, emoji, { remove: mine }))}>${emoji}<span aria-hidden="true">${who.length}</span><span class="unseen">${names.join(", ")}</span></button>`;
  })}</div>`;
}
