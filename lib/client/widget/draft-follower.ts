import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Drafts } from "./drafts.js";

/** Follows the drafts of a user in their other tabs while a part is in the page. */
export class DraftFollower implements ReactiveController {
  readonly #changed: (thread: string) => void;
  #drafts: Drafts | undefined;
  #end = () => {};

  /** Calls `changed` with the thread whose draft has changed. */
  constructor(host: ReactiveControllerHost, changed: (thread: string) => void) {
    this.#changed = changed;
    host.addController(this);
  }

  follow(drafts: Drafts): void {
    if (drafts === this.#drafts) return;
    this.#end();
    this.#drafts = drafts;
    this.#end = drafts.watch(this.#changed);
  }

  hostConnected(): void {
    if (this.#drafts !== undefined) this.#end = this.#drafts.watch(this.#changed);
  }

  hostDisconnected(): void {
    this.#end();
  }
}
