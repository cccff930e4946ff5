import { type Desk, fill, type ListPage, takeOff } from "./desk.js";
import { button, dangerousButton, element, time } from "./element.js";
import { said } from "./said.js";
import type { Report } from "./staff.js";

const NOTHING = "Nothing is reported.";
const DONE = {
  accept: "Accepted: the message stays.",
  retract: "Retracted: the message is gone for everybody.",
  ban: "Banned: the author is refused everywhere.",
} as const;

/** Renders the open reports, the oldest first. */
export async function reports(desk: Desk): Promise<HTMLElement> {
  const list = element("ul", { "aria-label": "Open reports" });
  await fill(
    list,
    () => read(desk),
    (it) => report(desk, it),
    NOTHING,
  );
  return list;
}

async function read(desk: Desk, after?: string): Promise<ListPage<Report>> {
  const { reports, more } = await desk.staff.reports(after);
  const last = reports.at(-1)?.id;
  return { items: reports, next: more && last !== undefined ? () => read(desk, last) : undefined };
}

function report(desk: Desk, { id, timestamp, by, thread, reason, message }: Report): HTMLElement {
  // A message has a sender; a page that was not told shows a blank rather than nothing.
  const sender = message.sender ?? { id: "" };
  const decide = async (action: keyof typeof DONE) => {
    if (!(await desk.attempt(desk.staff.decide(id, action)))) return;
    desk.say(DONE[action]);
    takeOff(item, NOTHING);
  };
  const name = sender.displayName || sender.id;
  const item = element(
    "li",
    { class: "card" },
    element(
      "h3",
      {},
      element("bdi", {}, name),
      " ",
      element("small", { class: "quiet" }, element("bdi", {}, sender.id)),
    ),
    element("blockquote", { dir: "auto" }, said(message) || "(no text)"),
    element("p", { dir: "auto" }, reason ?? "No reason was given."),
    element(
      "p",
      { class: "quiet" },
      "Reported by ",
      element("bdi", {}, by),
      ", ",
      time(timestamp),
      ", in ",
      element("bdi", {}, thread),
    ),
    element(
      "p",
      { class: "acts", role: "group", "aria-label": `Decide on the message of ${name}` },
      button("Accept", () => decide("accept")),
      dangerousButton("Retract", () => decide("retract")),
      dangerousButton("Ban the author", () => decide("ban")),
    ),
  );
  return item;
}
