import { type Desk, fill, type ListPage, takeOff } from "./desk.js";
import { button, dangerousButton, element } from "./element.js";
import type { Person } from "./staff.js";

const NOBODY = "Nobody is banned.";

/** Renders a search for a user by id, and the users who are banned. */
export async function people(desk: Desk): Promise<HTMLElement> {
  const bans = element("ul", { "aria-label": "Banned users" });
  await fill(
    bans,
    () => read(desk),
    (it) => banned(desk, it),
    NOBODY,
  );
  return element("div", {}, search(desk), element("h3", {}, "Banned"), bans);
}

function search(desk: Desk): HTMLElement {
  const field = element("input", {
    id: "entity",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: "255",
    required: "",
  });
  const found = element("div", { "aria-live": "polite" });
  const form = element(
    "form",
    { class: "acts" },
    element("label", { for: "entity" }, "User id"),
    field,
    element("button", { type: "submit" }, "Find"),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await desk.attempt(desk.staff.person(field.value).then((it) => found.replaceChildren(record(desk, it))));
  });
  return element("div", {}, form, found);
}

function record(desk: Desk, { entity, actor, threads, banned }: Person): HTMLElement {
  const state = element("p", {}, "");
  const acts = element("p", { class: "acts" });
  const show = (isBanned: boolean) => {
    state.textContent = isBanned
      ? "Banned from the deployment."
      : `Not banned. In ${threads} ${threads === 1 ? "thread" : "threads"}.`;
    acts.replaceChildren(isBanned ? button("Lift the ban", () => set(false)) : dangerousButton("Ban", () => set(true)));
  };
  const set = async (isBanned: boolean) => {
    const work = isBanned ? desk.staff.ban(entity) : desk.staff.unban(entity);
    if (!(await desk.attempt(work))) return;
    desk.say(isBanned ? `Banned: ${entity}.` : `The ban is lifted: ${entity}.`);
    show(isBanned);
    acts.querySelector("button")?.focus();
  };
  show(banned);
  return element(
    "div",
    { class: "card" },
    element(
      "h3",
      {},
      element("bdi", {}, actor?.displayName ?? "No description"),
      " ",
      element("small", { class: "quiet" }, element("bdi", {}, entity)),
    ),
    state,
    acts,
  );
}

async function read(desk: Desk, after?: string): Promise<ListPage<string>> {
  const { bans, more } = await desk.staff.bans(after);
  const last = bans.at(-1);
  return { items: bans, next: more && last !== undefined ? () => read(desk, last) : undefined };
}

function banned(desk: Desk, entity: string): HTMLElement {
  const lift = async () => {
    if (!(await desk.attempt(desk.staff.unban(entity)))) return;
    desk.say(`The ban is lifted: ${entity}.`);
    takeOff(item, NOBODY);
  };
  const act = button("Lift the ban", lift);
  act.setAttribute("aria-label", `Lift the ban of ${entity}`);
  const item = element("li", { class: "card acts" }, element("bdi", { class: "grow" }, entity), act);
  return item;
}
