// The page at `/proof`: polls the state of the trial, and shows it.

const POLL_MS = 500;
const WINDOW_MS = 120_000;
const [WIDTH, HEIGHT] = [1_200, 220];

const number = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const whole = (it) => (it === undefined ? "–" : number.format(it));
const dollars = (it) => (it === undefined ? "–" : `$${it.toFixed(4)}`);
const none = (it) => (it === 0 ? "sound" : it > 0 ? "wrong" : "");

/** The counters: name, value, note below it, and class name. */
const COUNTERS = [
  {
    name: "accepted",
    large: true,
    value: (s) => whole(s.accepted),
    note: (s) => s.talking && `${whole(s.waiting)} waiting in outboxes`,
  },
  {
    name: "delivered",
    large: true,
    value: (s) => whole(s.delivered),
    note: (s) => s.talking && `of ${whole(s.expected)} due`,
  },
  {
    name: "lost",
    large: true,
    value: (s) => whole(s.lost),
    note: () => "missing 20 s after it was accepted",
    look: (s) => none(s.lost),
  },
  {
    name: "twice",
    large: true,
    value: (s) => whole(s.doubled),
    note: () => "brought to somebody again",
    look: (s) => none(s.doubled),
  },
  { name: "kills", value: (s) => whole(s.kills?.length) },
  { name: "breaks", value: (s) => whole(s.breaks), look: (s) => none(s.breaks) },
  { name: "resyncs", value: (s) => whole(s.resyncs) },
  { name: "Redis commands", value: (s) => whole(s.commands) },
  { name: "each message", value: (s) => s.perMessage?.toFixed(1) ?? "–" },
  { name: "dollars so far", value: (s) => dollars(s.dollars) },
];

const find = (id) => document.getElementById(id);
const make = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

const tiles = COUNTERS.map(({ large, name, ...counter }) => {
  const [value, note] = [make("dd"), make("dd", { className: "note" })];
  const tile = make("div", {}, make("dt", { textContent: name }), value);
  if (large) tile.append(note);
  return { ...counter, kind: large ? "large" : "", tile, amount: value, below: note };
});
find("counters").append(...tiles.map(({ tile }) => tile));

function show(state) {
  for (const { kind, tile, amount, below, value, note, look } of tiles) {
    amount.textContent = value(state);
    below.textContent = note?.(state) || "";
    tile.className = `${kind} ${look?.(state) ?? ""}`;
  }
  const running = state.now !== undefined && state.ended === undefined;
  find("start").hidden = running;
  find("start").disabled = !state.available;
  for (const id of ["kill", "stop"]) find(id).hidden = !running;
  find("kill").disabled = !state.serving || !state.talking;
  const [is, text] = describe(state);
  find("status").dataset.is = is;
  if (find("status").textContent !== text) find("status").textContent = text;
  draw(state);
  tell(state);
}

function describe({ available, now, ended, serving, pid, talking, online = 0, bots }) {
  if (!available)
    return ["", "Only on a store of this machine: with your database configured, bots would fill it at your cost."];
  if (now === undefined) return ["", "Nothing runs yet."];
  if (ended !== undefined) return ["", `${ended}.`];
  if (!serving) return ["down", pid === undefined ? "Starting a server" : `Process ${pid} is dead or not yet born`];
  if (!talking) return ["up", `Process ${pid} serves; ${online} of ${bots} have come`];
  return ["up", `Process ${pid} serves; ${online} of ${bots} online`];
}

/** Draws the deliveries a second, each from a report and the one a second before it. */
function draw({ now, series = [], kills = [] }) {
  const end = series.at(-1)?.[0] ?? now;
  const x = (at) => WIDTH * (1 - (end - at) / WINDOW_MS);
  const rates = series
    .slice(2)
    .map(([at, delivered], i) => [at, (1_000 * (delivered - series[i][1])) / (at - series[i][0])]);
  const peak = Math.max(50, ...rates.map(([, rate]) => rate)) * 1.2;
  const points = rates.map(([at, rate]) => `${x(at).toFixed(1)},${(HEIGHT * (1 - rate / peak)).toFixed(1)}`);
  const first = rates[0]?.[0];
  find("curve").setAttribute("d", points.length === 0 ? "" : `M${points.join("L")}`);
  find("area").setAttribute(
    "d",
    points.length === 0 ? "" : `M${x(first)},${HEIGHT}L${points.join("L")}L${x(end)},${HEIGHT}Z`,
  );
  find("peak").textContent = rates.length === 0 ? "" : `${whole(rates.at(-1)[1])} now`;
  const marks = kills
    .filter(({ at }) => at > end - WINDOW_MS && at <= end)
    .map(({ at }) => {
      const mark = document.createElementNS("http://www.w3.org/2000/svg", "line");
      for (const [name, value] of Object.entries({ x1: x(at), x2: x(at), y1: 0, y2: HEIGHT }))
        mark.setAttribute(name, value);
      return mark;
    });
  find("marks").replaceChildren(...marks);
}

function tell({ kills = [] }) {
  const lines = kills.toReversed().map(({ at, pid, backMs, lost }) => {
    const time = make("time", { textContent: new Date(at).toLocaleTimeString("en-GB") });
    const back = backMs === undefined ? "not back yet" : `back after ${whole(backMs)} ms`;
    const toll = make("b", { textContent: `${whole(lost)} lost`, className: none(lost) });
    return make("li", {}, time, `killed pid ${pid}, ${back}, `, toll);
  });
  if (lines.length === 0) lines.push(make("li", { textContent: "Nobody has been killed yet." }));
  // Unchanged lines are not replaced: a screen reader would read them again, and a selection would be lost.
  if (lines.map(({ textContent }) => textContent).join("") !== find("log").textContent)
    find("log").replaceChildren(...lines);
}

async function ask(deed) {
  const response = await fetch(`/proof/${deed}`, { method: "POST" });
  if (!response.ok) throw new Error(`The server answered ${response.status}`);
  show(await response.json());
}

for (const deed of ["start", "kill", "stop"]) find(deed).onclick = () => ask(deed).catch(away);

function away() {
  find("status").dataset.is = "down";
  find("status").textContent = "npm start has ended.";
}

for (;;) {
  await ask("state").catch(away);
  await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}
