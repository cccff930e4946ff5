import { createDesk, type Desk, focusOn } from "./desk.js";
import { button, element } from "./element.js";
import { people } from "./people.js";
import { reports } from "./reports.js";
import { rooms } from "./rooms.js";
import { type Counters, Refusal, Staff } from "./staff.js";
import { STYLE } from "./style.js";

// The page for moderators, `/nereid-chat/admin`: all of it is made here, of elements and text, so that nothing in it can become markup.

const PARTS = { Reports: reports, Rooms: rooms, People: people } as const;
type Part = keyof typeof PARTS;

function start(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  document.adoptedStyleSheets = [sheet];
  const status = element("p", { role: "status", class: "status" });
  const content = element("div", {});
  document.body.append(
    element("header", {}, element("h1", {}, "Moderation"), element("div", { class: "counters quiet" })),
    element("main", {}, content, status),
  );
  const desk = createDesk(new Staff(new URL(".", import.meta.url).href), status);
  void open(desk, content);
}

/** Shows the parts to a moderator; to others, why they see nothing, and a field for a token. */
async function open(desk: Desk, content: HTMLElement): Promise<void> {
  try {
    count(await desk.staff.counters());
    show(desk, content);
  } catch (error) {
    content.replaceChildren(
      entrance(desk, content, error instanceof Refusal ? error : new Refusal("other", `${error}`)),
    );
  }
}

function count({ reports, bans }: Counters): void {
  const texts = [`${reports} open ${reports === 1 ? "report" : "reports"}`, `${bans} banned`];
  document.querySelector(".counters")?.replaceChildren(texts.join(" · "));
}

const REASONS: Readonly<Record<string, string>> = {
  unauthenticated: "Nobody is logged in here whom the chat knows.",
  forbidden: "You are logged in, but not as a moderator: your session needs the claim role, with the value moderator.",
  token_not_allowed: "That is a chat token, which is not good for this page.",
  banned: "You are banned from this deployment.",
};

function entrance(desk: Desk, content: HTMLElement, { code, message }: Refusal): HTMLElement {
  const field = element("input", { id: "token", type: "password", autocomplete: "off", required: "" });
  const form = element(
    "form",
    { class: "acts" },
    element("label", { for: "token" }, "Service token"),
    field,
    element("button", { type: "submit" }, "Go on"),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const token = field.value.trim();
    field.value = "";
    if (await desk.attempt(desk.staff.enter(token))) {
      desk.say("");
      await open(desk, content);
      focusOn(content);
    } else field.focus();
  });
  return element(
    "section",
    { class: "card", "aria-labelledby": "entrance" },
    element("h2", { id: "entrance" }, "For moderators"),
    element("p", {}, REASONS[code] ?? message),
    element(
      "p",
      { class: "quiet" },
      "Log in as a moderator and come back, or paste a token that your server has signed: a service credential, or a moderator's session. It is kept in the memory of this page alone, and gone when you leave.",
    ),
    form,
  );
}

function show(desk: Desk, content: HTMLElement): void {
  const place = element("section", { "aria-labelledby": "part" });
  const open = async (part: Part) => {
    for (const it of tabs) {
      if (it.textContent === part) it.setAttribute("aria-current", "true");
      else it.removeAttribute("aria-current");
    }
    const heading = element("h2", { id: "part" }, part);
    place.replaceChildren(heading);
    await desk.attempt(
      (async () => {
        const [made] = await Promise.all([PARTS[part](desk), desk.staff.counters().then(count)]);
        // Another part may be open by now.
        if (heading.isConnected) place.append(made);
      })(),
    );
  };
  const names: Part[] = ["Reports", "Rooms", "People"];
  const tabs = names.map((part) =>
    button(part, () => {
      desk.say("");
      return open(part);
    }),
  );
  content.replaceChildren(element("nav", { class: "acts", "aria-label": "Parts" }, ...tabs), place);
  void open("Reports");
}

start();
