import { connect } from "/nereid-chat/client.js";

// The page at `/`: a name, a chat, and three things to try. Who one is belongs to this tab alone, so that two windows are two people.

const IDENTITY = "nereid-chat guest";
const NAMES = ["Robin", "Marina", "Juno", "Sasha", "Noor", "Kai", "Alma", "Yuki", "Theo", "Ines"];
const SNIPPET = [
  ["tag", `<script src="${location.origin}/nereid-chat/chat.js" defer></script>`],
  ["tag", `<nereid-chat token-url="/my/chat-token"></nereid-chat>`],
  [
    "note",
    `// POST /my/chat-token on your server answers: await createToken({ id, displayName }), from "nereid-chat/server"`,
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

// What the plug cuts off: requests that are made, and those that wait for their answer.
let plugged = true;
const cuts = new Set();
const throughPlug = async (input, init) => {
  if (!plugged) throw new TypeError("The plug is pulled");
  const cut = new AbortController();
  cuts.add(cut);
  try {
    return await fetch(input, { ...init, signal: AbortSignal.any([init.signal, cut.signal]) });
  } finally {
    cuts.delete(cut);
  }
};

/** Makes a guest; without cookies, since those would be the same person in every tab. Undefined where guests are not let in. */
async function admit(displayName) {
  const response = await fetch("/nereid-chat/token", {
    method: "POST",
    credentials: "omit",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ displayName }),
  });
  const answer = await response.json();
  if (response.status === 401) return undefined;
  if (!response.ok)
    throw new Error(answer.code === "rate_limited" ? "Too many at once. Try again in a minute." : answer.detail);
  return answer;
}

/** Begins as somebody, and remembers it for this tab. */
async function enter(name) {
  const credential = await admit(name);
  if (credential === undefined) return show("closed", "lines");
  sessionStorage.setItem(IDENTITY, JSON.stringify(credential));
  await begin(credential);
}

async function begin(credential) {
  await import("/nereid-chat/widget.js");
  const invited = location.hash.includes("nereid-chat=");
  const chat = connect({ token: credential, getToken: over, fetch: throughPlug, share: false });
  const element = Object.assign(document.createElement("nereid-chat"), { chat });
  element.addEventListener("nereid-open", ({ detail }) => offer(chat, detail.thread));
  find("chat").replaceChildren(element);
  find("name").textContent = credential.actor.displayName;
  show("stage", "lines", "who");
  count(chat);
  if (!invited) await room(chat, element, credential.actor.displayName);
}

/** A guest's token holds for an hour, and there is no other for them. */
async function over() {
  sessionStorage.removeItem(IDENTITY);
  location.reload();
  throw new Error("The guest's hour is over");
}

/** Whoever comes alone gets a room to invite others to. */
async function room(chat, element, name) {
  const [known] = await chat.threads({ limit: 1 });
  const thread = known ?? (await chat.create({ kind: "room", members: [], subject: `${name}’s room` }));
  element.thread = thread.id;
  offer(chat, thread.id);
}

let offered;
/** Has a link ready to the room that is shown, since windows open only at a click. */
async function offer(chat, thread) {
  if (thread === undefined || thread === offered) return;
  offered = thread;
  const { code } = await chat.invite(thread).catch(() => ({ code: undefined }));
  if (thread !== offered) return;
  const link = `${location.origin}/#nereid-chat=${encodeURIComponent(code)}`;
  for (const id of ["second", "invite"]) find(id).disabled = code === undefined;
  find("link").textContent = "";
  find("second").onclick = () => {
    const name = NAMES[Math.floor(Math.random() * NAMES.length)];
    const size = `width=${Math.min(760, screen.availWidth / 2)},height=${Math.min(820, screen.availHeight)}`;
    // Without an opener the window has a storage of its own, and so is somebody else.
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

function count(chat) {
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
    find("advice").textContent = "It heals by itself: what waited goes out, what was missed comes in, each once.";
  for (const cut of plugged ? [] : cuts) cut.abort(new TypeError("The plug is pulled"));
  // What a browser says when a cable goes in or out.
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

const known = sessionStorage.getItem(IDENTITY);
const name = /[#&]name=([^&]+)/.exec(location.hash)?.[1];
if (name !== undefined) history.replaceState(null, "", location.href.replace(/&name=[^&]+/, ""));
if (known !== null) await begin(JSON.parse(known));
else if (name !== undefined) await enter(decodeURIComponent(name));
else {
  show("landing", "lines");
  find("as").focus();
}
