import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Attachment, ReadableFile } from "../protocol/file.js";
import { linksOf, renewal } from "../view/file-links.js";
import type { Widget } from "./part.js";

// URLs are asked for before their files come into view.
const MARGIN = "400px 0px";
// What could not be loaded is asked for again after this time.
const RETRY_MS = 10_000;
const RENEWAL_MIN_MS = 1_000;

type Host = ReactiveControllerHost & HTMLElement & { readonly widget: Widget; readonly attachment: Attachment };

/** The URL of a file while it is near what the reader sees; another one before that ends, and when the file cannot be loaded. */
export class FileSource implements ReactiveController {
  url: string | undefined;
  /** Whether the file is not there any more, or not for this user. */
  gone = false;
  /** Whether the browser cannot show what is there. */
  broken = false;
  readonly #host: Host;
  readonly #needed: () => boolean;
  #file: unknown;
  #observer: IntersectionObserver | undefined;
  #near = false;
  #asking = false;
  #retried = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Asks for no URL while it is not `needed`. */
  constructor(host: Host, needed: () => boolean) {
    this.#host = host;
    this.#needed = needed;
    host.addController(this);
  }

  hostConnected(): void {
    const look = (changes: IntersectionObserverEntry[]) => {
      this.#near = changes.at(-1)?.isIntersecting === true;
      if (this.#near) void this.#load();
    };
    this.#observer = new IntersectionObserver(look, { root: this.#host.closest(".log"), rootMargin: MARGIN });
    this.#observer.observe(this.#host);
  }

  hostDisconnected(): void {
    this.#observer?.disconnect();
    clearTimeout(this.#timer);
    this.#near = false;
  }

  hostUpdate(): void {
    const { file } = this.#host.attachment;
    if (file === this.#file) return;
    [this.#file, this.url, this.gone, this.broken] = [file, undefined, false, false];
    if (this.#near) void this.#load();
  }

  readonly loaded = () => {
    this.#retried = false;
  };

  /** The URL may have ended, or the network: another URL shows which. What cannot be shown even so can be saved. */
  readonly failed = ({ target }: Event) => {
    if (this.url === undefined) return;
    const online = this.#host.widget.chat.state === "online";
    if (this.#retried && online) this.broken = true;
    else this.#again(target, online);
    this.#host.requestUpdate();
  };

  #again(target: EventTarget | null, online: boolean): void {
    if (target instanceof HTMLMediaElement && target.currentTime > 0) {
      const at = target.currentTime;
      target.addEventListener("loadedmetadata", () => (target.currentTime = at), { once: true });
    }
    this.url = undefined;
    this.#retried = online;
    if (online) void this.#load(true);
    else this.#later(RETRY_MS);
  }

  async #load(anew = false): Promise<void> {
    const file = this.#file;
    if (typeof file !== "string" || this.#asking || this.broken || !this.#needed()) return;
    this.#asking = true;
    try {
      const found = await linksOf(this.#host.widget.chat).get(file, anew);
      if (file === this.#file) this.#take(found);
    } catch {
      this.#later(RETRY_MS);
    } finally {
      this.#asking = false;
    }
  }

  #take(found: ReadableFile | undefined): void {
    this.gone = found === undefined;
    if (found !== undefined && /^https?:/.test(found.url)) {
      if (!this.#isInUse()) this.url = found.url;
      this.#later(renewal(found, Date.now()));
    }
    this.#host.requestUpdate();
  }

  /** Whether another URL would load a picture again that is there, or begin a film anew. */
  #isInUse(): boolean {
    const it = this.#host.querySelector<HTMLImageElement | HTMLMediaElement>("img, video, audio");
    if (it === null || this.url === undefined) return false;
    return it instanceof HTMLImageElement ? it.complete && it.naturalWidth > 0 : it.currentTime > 0 || !it.paused;
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#near && void this.#load(), Math.max(ms, RENEWAL_MIN_MS));
  }
}
