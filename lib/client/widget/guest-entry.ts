import { html } from "lit";
import { clock } from "../environment/backoff.js";
import { loadLater } from "../environment/load-later.js";
import type { Chat, Credential } from "../protocol/chat.js";
import type { Problem } from "../protocol/problem.js";
import { focusFirst } from "./focus.js";
import type { Enter, GuestForm } from "./guest-form.js";
import { type Access, baseOf } from "./session.js";

type Host = Access & {
  readonly guests: string | undefined;
  readonly chat: Chat | undefined;
  readonly renderRoot: ParentNode;
  requestUpdate(): void;
};

/** Asks a visitor for a name where the deployment lets guests in, and the page names nobody. */
export class GuestEntry {
  /** The form, while it is shown. */
  form: GuestForm | undefined;
  readonly #host: Host;
  readonly #enter: Enter;
  #left = new AbortController();
  #entered = false;

  constructor(host: Host, enter: Enter) {
    this.#host = host;
    this.#enter = enter;
  }

  /** Shows the form if a problem of the chat says that a name is all that is missing; returns whether it does. */
  ask(chat: Chat, { guests }: Problem): boolean {
    const host = this.#host;
    if (!guests || host.guests === "off" || (host.chat ?? host.token) !== undefined) return false;
    this.leave();
    void this.#load(chat, this.#left.signal);
    return true;
  }

  /** Takes the form away. */
  leave(): void {
    this.#left.abort();
    this.#left = new AbortController();
    this.form = undefined;
  }

  /** The chat is shown: the focus, which was in the form, goes on there. */
  arrive(): void {
    if (this.#entered) void focusFirst(this.#host.renderRoot);
    this.#entered = false;
  }

  /** Loads the form, which few pages need. From now on nothing is asked of the deployment, where each attempt counts as a new guest of the address. */
  async #load(chat: Chat, left: AbortSignal): Promise<void> {
    await chat.close();
    const loaded = await loadLater(() => import("./guest-form.js"), clock, left).catch(() => undefined);
    if (loaded === undefined || left.aborted) return;
    const enter = (credential: Credential | undefined) => {
      this.#entered = credential !== undefined;
      this.#enter(credential);
    };
    this.form = loaded.guestForm(html, baseOf(this.#host), enter, left);
    this.#host.requestUpdate();
  }
}
