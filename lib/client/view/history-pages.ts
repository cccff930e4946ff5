import type { Chat } from "../protocol/chat.js";
import type { HistoryPage } from "../protocol/stanza.js";
import { type Conversation, oldest, prependHistory } from "./conversation.js";
import { isSameId } from "./entry.js";
import { comeBack, depart, extend } from "./excursion.js";
import { addActors, type Inbox, update } from "./inbox.js";
import type { Requests } from "./requests.js";
import { SingleFlight } from "./single-flight.js";

// Messages per page: more than a screen shows, and few enough to render quickly.
const LIMIT = 50;

type Query = NonNullable<Parameters<Chat["history"]>[1]>;

/** Loads the history of threads page by page: backwards from the newest messages, or both ways from a message that was looked up. */
export class HistoryPages {
  readonly #chat: Chat;
  readonly #requests: Requests;
  readonly #inbox: () => Inbox;
  readonly #flights = new SingleFlight();

  constructor(chat: Chat, requests: Requests, inbox: () => Inbox) {
    this.#chat = chat;
    this.#requests = requests;
    this.#inbox = inbox;
  }

  /** Loads the page before the messages that are shown; never two at once. */
  older(thread: string): Promise<void> {
    return this.#flights.run(`older ${thread}`, async () => {
      const it = this.#inbox().conversations.get(thread);
      const { apart } = it ?? {};
      if (it === undefined || (apart ?? it).older === false) return;
      const before = oldest(apart ?? it);
      const add = apart === undefined ? prependHistory : extend;
      await this.#load(thread, before === undefined ? {} : { before }, add);
    });
  }

  /** Loads the page after the messages that are shown, while there is a gap between them and the newest; never two at once. */
  newer(thread: string): Promise<void> {
    return this.#flights.run(`newer ${thread}`, async () => {
      const after = this.#inbox().conversations.get(thread)?.apart?.entries.at(-1)?.seq;
      if (after !== undefined) await this.#load(thread, { after }, extend);
    });
  }

  /** Shows a message, by its id or `seq`, with those before and after it. Rejects with `message_not_found`. */
  async around(thread: string, message: string | number): Promise<void> {
    const it = this.#inbox().conversations.get(thread);
    const isIt = ({ id, seq }: { id: string; seq: number }) =>
      typeof message === "number" ? seq === message : isSameId(id, message);
    if (it?.apart?.entries.some(isIt)) return;
    if (it?.entries.some(isIt)) this.#requests.edit((inbox) => update(inbox, thread, comeBack));
    else await this.#load(thread, { around: message }, depart);
  }

  async #load(thread: string, query: Query, add: (it: Conversation, page: HistoryPage) => Conversation): Promise<void> {
    await this.#requests.apply(this.#chat.history(thread, { limit: LIMIT, ...query }), (inbox, page) =>
      addActors(
        update(inbox, thread, (it) => add(it, page)),
        page.messages.map(({ sender }) => sender),
      ),
    );
  }
}
