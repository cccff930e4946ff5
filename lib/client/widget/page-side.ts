import type { ReactiveController, ReactiveControllerHost, TemplateResult } from "lit";
import type { Inbox } from "../view/inbox.js";
import type { Launcher } from "./launcher.js";
import type { PageBadge } from "./page-badge.js";
import type { Strings } from "./strings.js";
import type { UrlState } from "./url-state.js";

type Host = ConstructorParameters<typeof Launcher>[0] &
  ConstructorParameters<typeof UrlState>[0] &
  ReactiveControllerHost & { readonly inbox: Inbox };

/** What an element does in the page around it: the launcher, a count in the title and the icon, the URL. Each is loaded where the page wants it. */
export class PageSide implements ReactiveController {
  readonly #host: Host;
  #launcher: Launcher | undefined;
  #badge: PageBadge | undefined;
  #url: UrlState | undefined;
  readonly #loading = new Set<string>();

  constructor(host: Host) {
    this.#host = host;
    host.addController(this);
  }

  /** Renders the button and the panel of the launcher; nothing until they are loaded. */
  render(content: TemplateResult, inbox: Inbox, strings: Strings): TemplateResult | undefined {
    this.#load("launcher", async () => {
      this.#launcher = new (await import("./launcher.js")).Launcher(this.#host);
    });
    return this.#launcher?.render(content, inbox, strings);
  }

  hostUpdated(): void {
    const host = this.#host;
    if (host.launcher) this.#launcher?.update();
    const places = host.getAttribute("badge");
    if (places !== null)
      this.#load("badge", async () => {
        this.#badge = new (await import("./page-badge.js")).PageBadge();
      });
    this.#badge?.update(places ?? "", host.inbox);
    if (host.getAttribute("remember") !== "url") return;
    this.#load("url", async () => {
      this.#url = new (await import("./url-state.js")).UrlState(host);
    });
    this.#url?.update();
  }

  hostConnected(): void {
    this.#url?.connect();
  }

  hostDisconnected(): void {
    this.#url?.disconnect();
    this.#launcher?.disconnect();
    this.#badge?.update("", this.#host.inbox);
  }

  /** After a failure, the next change is another attempt, such as the return of the connection. */
  #load(name: string, load: () => Promise<void>): void {
    if (this.#loading.has(name)) return;
    this.#loading.add(name);
    load().then(
      () => this.#host.requestUpdate(),
      () => this.#loading.delete(name),
    );
  }
}
