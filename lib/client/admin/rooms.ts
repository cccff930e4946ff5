import { type Desk, fill, type ListPage, takeOff } from "./desk.js";
import { dangerousButton, element, time } from "./element.js";
import { said } from "./said.js";
import type { Room } from "./staff.js";

const NOTHING = "There are no rooms.";
const PAUSES = [0, 5, 10, 30, 60, 300, 900, 3_600];
const EXCERPT = 300;
// Pages of direct threads alone are empty; after so many the reader is asked.
const EMPTY_PAGES = 5;

/** Renders the rooms of the deployment, latest activity first. */
export async function rooms(desk: Desk): Promise<HTMLElement> {
  const list = element("ul", { "aria-label": "Rooms" });
  await fill(
    list,
    () => read(desk),
    (it) => room(desk, it),
    NOTHING,
  );
  return list;
}

async function read(desk: Desk, from?: string): Promise<ListPage<Room>> {
  let page = await desk.staff.rooms(from);
  for (let empty = 1; page.rooms.length === 0 && page.before !== undefined && empty < EMPTY_PAGES; empty++)
    page = await desk.staff.rooms(page.before);
  const { rooms, before } = page;
  return { items: rooms, next: before === undefined ? undefined : () => read(desk, before) };
}

function room(desk: Desk, { id, subject = id, seq, updated, memberCount, slow = 0, last }: Room): HTMLElement {
  const remove = async () => {
    if (!(await desk.attempt(desk.staff.deleteRoom(id)))) return;
    desk.say(`Deleted: ${subject}.`);
    takeOff(item, NOTHING);
  };
  const item = element(
    "li",
    { class: "card" },
    element("h3", { dir: "auto" }, subject),
    element(
      "p",
      { class: "quiet" },
      `${plural(memberCount, "member")}, ${plural(seq, "message")}, `,
      time(updated),
      ", ",
      element("bdi", {}, id),
    ),
    element("blockquote", { dir: "auto" }, excerpt(last)),
    element("div", { class: "acts" }, pause(desk, id, subject, slow), dangerousButton("Delete the room", remove)),
  );
  return item;
}

function excerpt(last: Room["last"]): string {
  if (last === undefined) return "Nothing was said yet.";
  return `${last.sender?.displayName ?? last.sender?.id ?? "Somebody"}: ${said(last).slice(0, EXCERPT) || "(no text)"}`;
}

function pause(desk: Desk, id: string, subject: string, slow: number): HTMLElement {
  const known = [...new Set([...PAUSES, slow])].sort((a, b) => a - b);
  const select = element("select", { "aria-label": `Slow mode of ${subject}` });
  let before = slow;
  for (const seconds of known)
    select.append(new Option(seconds === 0 ? "off" : `${seconds} s`, `${seconds}`, false, seconds === slow));
  select.addEventListener("change", async () => {
    const seconds = Number(select.value);
    if (await desk.attempt(desk.staff.slow(id, seconds))) {
      before = seconds;
      desk.say(seconds === 0 ? "Slow mode is off." : `Members wait ${seconds} s between two messages.`);
    } else select.value = `${before}`;
  });
  return element("label", {}, "Slow mode ", select);
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
