import type { ReactiveController } from "lit";
import type { Conversation } from "../view/conversation.js";
import { DRAWN_MAX, toExcerpt } from "../view/excerpt.js";
import { leaveMessage, moveToMessage } from "./log-keys.js";
import { LogLead } from "./log-lead.js";
import { announce } from "./log-news.js";
import type { LogHost, LogScroll } from "./log-scroll.js";
import { keepPlace, keepTop } from "./reading-place.js";

// So many messages are added at once: they are drawn within a frame, with time to spare.
const STEP = 15;
// So many stay in the page; some go where there are more than that while the reader rests, and than that while the reader scrolls.
const KEPT = 200;
const RESTING_MAX = 250;
const MOVING_MAX = 350;
// What goes is farther away than where messages are added, or the two would follow each other for ever.
const FAR_PX = 2_400;
// A reader who has not scrolled for so long rests.
const REST_MS = 700;

/**
 * Keeps those messages in the page that are around the reader, however many are loaded: it adds some where the reader comes near to an end of
 * them, and takes out what is far away, but nothing that is selected or plays.
 */
export class LogWindow implements ReactiveController {
  readonly lead: LogLead;
  readonly #host: LogHost;
  readonly #scroll: LogScroll;
  /** The messages that were shown whole when the log was drawn last. */
  #unfolded: ReadonlySet<string> = new Set();
  #moving = false;
  #selecting = false;
  #printing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: LogHost, scroll: LogScroll) {
    [this.#host, this.#scroll] = [host, scroll];
    this.lead = new LogLead(host, scroll);
    scroll.log?.addEventListener("selectstart", () => (this.#selecting = true));
    host.addController(this);
  }

  hostConnected(): void {
    addEventListener("beforeprint", this.#beforePrint);
  }

  hostDisconnected(): void {
    removeEventListener("beforeprint", this.#beforePrint);
    clearTimeout(this.#timer);
    this.#rest();
  }

  /** Moves the focus between the messages; returns whether it left the tools of one, or a message. */
  onKey(event: KeyboardEvent): boolean {
    const { log } = this.#scroll;
    const rows = [...this.#host.querySelectorAll<HTMLElement>("[data-id]")];
    if (event.key === "Escape" && leaveMessage(event, log, rows)) return true;
    moveToMessage(event, log, rows, (first) => this.lead.toEdge(first));
    return false;
  }

  /** Has the messages around the reader in the page. Call it when the layout is known, in a frame of its own; `scrolled` if the reader moves. */
  follow(scrolled: boolean): void {
    if (scrolled) this.#move();
    const { log, isLeading } = this.#scroll;
    const { drawn } = this.#host.rows;
    if (log === null || drawn === undefined || isLeading || log.clientHeight === 0 || this.#printing) return;
    const { first, last } = this.#scroll.near(log);
    const { entries } = drawn;
    const from = first ? Math.max(0, drawn.from - STEP) : drawn.from;
    const to = last ? Math.min(entries.length, drawn.to + STEP) : drawn.to;
    const grows = from < drawn.from || to > drawn.to;
    if (grows && to - from <= DRAWN_MAX) this.#host.excerpt = toExcerpt({ entries, from, to });
    else if (drawn.to - drawn.from > (this.#moving ? MOVING_MAX : RESTING_MAX)) this.#takeOut(log);
  }

  /**
   * Notes what an update must not take from the reader, the place and the focus; the returned function restores them after it. `before` is the
   * conversation as it was, if it changes, and `moved` tells whether other messages of it are shown.
   */
  hold(before: Conversation | undefined, moved: boolean): () => void {
    const { log } = this.#scroll;
    const { scrolledUp, conversation } = this.#host;
    if (log === null) return () => {};
    const focused = log.querySelector("[data-id]:focus-within");
    const grows = this.#grows();
    const keepsPlace = scrolledUp && (moved || before !== undefined);
    const keep = grows !== null ? keepTop(log, grows) : keepsPlace ? keepPlace(log) : undefined;
    return () => {
      keep?.();
      // The arrow keys go on from what is in view.
      if (focused?.isConnected === false) log.focus({ preventScroll: true });
      if (before?.thread.id === conversation.thread.id)
        announce(this.#host, conversation, before.thread.seq, this.#host.querySelector(".news"));
    };
  }

  /** Returns the message that the reader has just asked to see whole. */
  #grows(): HTMLElement | null {
    const { unfolded } = this.#host;
    const id = [...unfolded].find((it) => !this.#unfolded.has(it));
    this.#unfolded = unfolded;
    return id === undefined ? null : this.#scroll.find(id);
  }

  /** Until the reader rests, the log shows of which day the messages in view are. */
  #move(): void {
    this.#moving = true;
    this.#scroll.log?.classList.add("moving");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#rest();
      this.follow(false);
    }, REST_MS);
  }

  #rest(): void {
    this.#moving = false;
    this.#scroll.log?.classList.remove("moving");
  }

  #takeOut(log: HTMLElement): void {
    const { drawn } = this.#host.rows;
    if (drawn === undefined || this.#isSelected()) return;
    const rows = [...log.querySelectorAll("[data-id]")];
    const { top, bottom } = log.getBoundingClientRect();
    const isFar = (row: Element | undefined) => {
      const box = row?.getBoundingClientRect();
      return box !== undefined && (box.bottom < top - FAR_PX || box.top > bottom + FAR_PX) && !plays(row);
    };
    let [start, end] = [0, rows.length];
    while (end - start > KEPT && isFar(rows[end - 1])) end--;
    while (end - start > KEPT && isFar(rows[start])) start++;
    if (end - start === rows.length) return;
    const { entries, from } = drawn;
    this.#host.excerpt = toExcerpt({ entries, from: from + start, to: from + end });
  }

  /** Whether text is selected from the log on: it could not be copied if it were taken out. */
  #isSelected(): boolean {
    this.#selecting &&= (getSelection()?.toString() ?? "") !== "";
    return this.#selecting;
  }

  /** On paper nothing scrolls: what is loaded is printed. */
  readonly #beforePrint = () => {
    const { excerpt, rows } = this.#host;
    const { drawn } = rows;
    if (drawn === undefined) return;
    const from = Math.max(0, drawn.to - DRAWN_MAX);
    const to = Math.min(drawn.entries.length, from + DRAWN_MAX);
    this.#printing = true;
    this.#host.excerpt = toExcerpt({ ...drawn, from, to });
    const after = () => {
      this.#printing = false;
      this.#host.excerpt = excerpt;
    };
    addEventListener("afterprint", after, { once: true });
  };
}

function plays(row: Element | undefined): boolean {
  return [...(row?.querySelectorAll<HTMLMediaElement>("audio, video") ?? [])].some(({ paused }) => !paused);
}
