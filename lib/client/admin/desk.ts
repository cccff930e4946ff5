import { button, element } from "./element.js";
import { Refusal, type Staff } from "./staff.js";

/** What the parts of the page share: the chat, and where they say what has happened. */
export type Desk = {
  staff: Staff;
  /** Says something to whoever looks or listens. */
  say(text: string): void;
  /** Waits for an action; says why it failed, and returns whether it did not. */
  attempt(work: Promise<unknown>): Promise<boolean>;
};

/** Creates a desk that speaks in an element. */
export function createDesk(staff: Staff, status: HTMLElement): Desk {
  const say = (text: string) => {
    status.textContent = text;
  };
  return {
    ...{ staff, say },
    async attempt(work) {
      try {
        await work;
        return true;
      } catch (error) {
        say(error instanceof Refusal ? error.message : "That did not work.");
        return false;
      }
    },
  };
}

/** A page of a list, and how to read the next one. */
export type ListPage<Item> = { items: Item[]; next?: (() => Promise<ListPage<Item>>) | undefined };

/** Fills an element with a list, page by page; says so when there is nothing. */
export async function fill<Item>(
  list: HTMLElement,
  read: () => Promise<ListPage<Item>>,
  render: (item: Item) => HTMLElement,
  nothing: string,
): Promise<void> {
  const page = await read();
  list.append(...page.items.map(render));
  const { next } = page;
  if (next !== undefined) {
    const more = button("Show more", async () => {
      const last = list.querySelector(":scope > li:last-of-type");
      await fill(list, next, render, "");
      more.parentElement?.remove();
      focusOn(last?.nextElementSibling ?? list);
    });
    list.append(element("li", { class: "more" }, more));
  } else if (list.childElementCount === 0 && nothing !== "") list.append(element("li", { class: "quiet" }, nothing));
}

/** Takes an item off its list, and gives the focus to the one that follows, or to the list. */
export function takeOff(item: HTMLElement, nothing: string): void {
  const list = item.parentElement;
  const beside = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  if (list === null) return;
  if (list.childElementCount === 0) list.append(element("li", { class: "quiet" }, nothing));
  focusOn(beside ?? list);
}

/** Gives the focus to something that has none by itself. */
export function focusOn(target: Element): void {
  if (!(target instanceof HTMLElement)) return;
  target.tabIndex = -1;
  target.focus();
}
