import { connect } from "/nereid-chat/client.js";

// The page at `/`: a name, a chat, and three things to try. The identity is stored per tab, so that two windows are two users.

const IDENTITY = "nereid-chat guest";
const NAMES = ["Robin", "Marina", "Juno", "Sasha", "Noor", "Kai", "Alma", "Yuki", "Theo", "Ines"];
const SNIPPET = [
  ["tag", `<script src="${location.origin}/nereid-chat/chat.js" defer></script>`],
  ["tag", `<nereid-chat token-url="/my/chat-token"></nereid-chat>`],
  [
    "note",
    `// POST /my/chat-token on your server returns: await createToken({ id, displayName }), from "nereid-chat/server"`,
  ],
];
const COUNTERS = [
  ["messages", "messages"],
  ["answers", "answers"],
  ["queued", "queued"],
  ["holes", "lost"],
  ["repeats", "repeats"],
  ["breaks", "breaks"],
];

const find = (id) => document.getElementById(id);
const show = (...ids) => {
  for (const id of ["landing", "closed", "stage", "lines", "who"]) find(id).hidden = !ids.includes(id);
};

// A pulled plug fails new requests, and aborts pending ones.
let plugged = true;
const requests = new Set();
const fetchThroughPlug = async (input, init) => {
  if (!plugged) throw new TypeError("The plug is pulled");
  const controller = new AbortController();
  requests.add(controller);
  try {
    return await fetch(input, { ...init, signal: AbortSignal.any([init.signal, controller.signal]) });
  } finally {
    requests.delete(controller);
  }
};

/** Creates a guest; without cookies, which all tabs share. Returns undefined if the deployment does not accept guests. */
async function createGuest(displayName) {
  const response = await fetch("/nereid-chat/token", {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ displayName }),
  });
  const body = await response.json();
  if (response.status === 401) return undefined;
  if (!response.ok)
    throw new Error(body.code === "rate_limited" ? "Too many at once. Try again in a minute." : body.detail);
  return body;
}

/** Starts as a new guest, and stores the identity for this tab. */
async function enter(name) {
  const credential = await createGuest(name);
  if (credential === undefined) return show("closed", "lines");
  sessionStorage.setItem(IDENTITY, JSON.stringify(credential));
  await start(credential);
}

async function start(credential) {
  await import("/nereid-chat/widget.js");
  const invited = location.hash.includes("nereid-chat=");
  const chat = connect({ token: credential, getToken: expire, fetch: fetchThroughPlug, share: false });
  const element = Object.assign(document.createElement("nereid-chat"), { chat });
  element.addEventListener("nereid-open", ({ detail }) => prepareLink(chat, detail.thread));
  find("chat").replaceChildren(element);
  find("name").textContent = credential.actor.displayName;
  show("stage", "lines", "who");
  showCounters(chat);
  if (!invited) await openRoom(chat, element, credential.actor.displayName);
}

/** A guest's token is valid for an hour, and cannot be renewed. */
async function expire() {
  sessionStorage.removeItem(IDENTITY);
  location.reload();
  throw new Error("The guest's hour is over");
}

/** Opens the latest thread; a guest without one gets a room to which they can invite others. */
async function openRoom(chat, element, name) {
  const [latest] = await chat.threads({ limit: 1 });
  const thread = latest ?? (await chat.create({ kind: "room", members: [], subject: `${name}’s room` }));
  element.thread = thread.id;
  prepareLink(chat, thread.id);
}

let linked;
/** Prepares the invite link of the current room. A window can only be opened during a click, so the link must be ready. */
async function prepareLink(chat, thread) {
  if (thread === undefined || thread === linked) return;
  linked = thread;
  const { code } = await chat.invite(thread).catch(() => ({ code: undefined }));
  if (thread !== linked) return;
  const link = `${location.origin}/#nereid-chat=${encodeURIComponent(code)}`;
  for (const id of ["second", "invite"]) find(id).disabled = code === undefined;
  find("link").textContent = "";
  find("second").onclick = () => {
    const name = NAMES[Math.floor(Math.random() * NAMES.length)];
    const size = `width=${Math.min(760, screen.availWidth / 2)},height=${Math.min(820, screen.availHeight)}`;
    // Without an opener, the window has its own session storage, and so its own identity.
    window.open(`${link}&name=${name}`, "", `popup,noopener,${size}`);
  };
  find("invite").onclick = async () => {
    const copied = await (navigator.clipboard?.writeText(link) ?? Promise.reject()).then(
      () => true,
      () => false,
    );
    find("link").textContent = copied ? "Copied. Send it to somebody." : link;
  };
}

function showCounters(chat) {
  const queued = new Set();
  chat.on("message", ({ message, pending }) => (pending ? queued.add(message.id) : queued.delete(message.id)));
  const cells = COUNTERS.map(([name, label]) => {
    const cell = document.createElement("div");
    const [term, value] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = label;
    cell.append(term, value);
    return { name, cell, value };
  });
  find("counters").replaceChildren(...cells.map(({ cell }) => cell));
  const draw = () => {
    for (const { name, cell, value } of cells) {
      const number = name === "queued" ? queued.size : chat.continuity[name];
      if (value.textContent !== `${number}`) value.textContent = `${number}`;
      if (["holes", "repeats", "breaks"].includes(name)) cell.className = number === 0 ? "sound" : "wrong";
    }
    const waiting =
      queued.size === 0 ? "Write something: it waits here." : `${queued.size} waiting here. Plug in again.`;
    if (!plugged) find("advice").textContent = `Cut off. ${waiting}`;
  };
  draw();
  setInterval(draw, 250);
}

find("plug").onclick = ({ currentTarget }) => {
  plugged = !plugged;
  currentTarget.setAttribute("aria-checked", `${plugged}`);
  if (plugged)
    find("advice").textContent = "It recovers by itself: unsent messages go out, missed ones come in, each once.";
  for (const controller of plugged ? [] : requests) controller.abort(new TypeError("The plug is pulled"));
  // The event that a browser fires when a cable is plugged in or pulled.
  dispatchEvent(new Event(plugged ? "online" : "offline"));
};

find("leave").onclick = () => {
  sessionStorage.removeItem(IDENTITY);
  location.assign("/");
};

find("enter").onsubmit = (event) => {
  event.preventDefault();
  const button = event.target.querySelector("button");
  button.disabled = true;
  find("trouble").textContent = "";
  enter(find("as").value.trim() || NAMES[0])
    .catch((error) => (find("trouble").textContent = error.message))
    .finally(() => (button.disabled = false));
};

find("snippet").append(
  ...SNIPPET.map(([kind, text]) =>
    Object.assign(document.createElement("span"), { className: kind, textContent: `${text}\n` }),
  ),
);
find("copy").onclick = ({ currentTarget }) => {
  navigator.clipboard
    ?.writeText(SNIPPET.map(([, text]) => text).join("\n"))
    .then(() => (currentTarget.textContent = "Copied"));
};

const stored = sessionStorage.getItem(IDENTITY);
const name = /[#&]name=([^&]+)/.exec(location.hash)?.[1];
if (name !== undefined) history.replaceState(null, "", location.href.replace(/&name=[^&]+/, ""));
if (stored !== null) await start(JSON.parse(stored));
else if (name !== undefined) await enter(decodeURIComponent(name));
else {
  show("landing", "lines");
  find("as").focus();
}
