// In the fragment of the page's URL, beside what the page has there.
const STATE = /(^#|&)nereid-open(?:=([^&]*))?(?=&|$)/;

type Host = HTMLElement & {
  launcher: boolean;
  open: boolean;
  thread: string | undefined;
  to: string | undefined;
  show(thread: string): void;
};

/** Keeps in the page's URL what is open, so that a reload and a link show it again. */
export class UrlState {
  readonly #host: Host;
  readonly #onHash = () => this.update();

  /** Opens what the URL names. */
  constructor(host: Host) {
    this.#host = host;
    const found = STATE.exec(location.hash);
    if (found !== null) {
      if (host.launcher) host.open = true;
      const thread = decode(found[2] ?? "");
      // A link shows nothing in place of the conversation that the page asks for.
      if (thread !== "" && host.to === undefined && host.thread === undefined) restore(host, thread);
    }
    if (host.isConnected) this.connect();
  }

  /** Follows the URL: the way back from a chat that filled the screen leads to the one from before. */
  connect(): void {
    addEventListener("hashchange", this.#onHash);
  }

  disconnect(): void {
    removeEventListener("hashchange", this.#onHash);
  }

  /** Writes into the URL what is open now. */
  update(): void {
    const { launcher, open, thread, to } = this.#host;
    const id = to === undefined && thread !== undefined ? `=${encodeURIComponent(thread)}` : "";
    const wanted = launcher ? (open ? `nereid-open${id}` : "") : id && `nereid-open${id}`;
    const others = location.hash.replace(STATE, "").replace(/^[#&]+/, "");
    const hash = [others, wanted].filter(Boolean).join("&");
    if (location.hash.replace(/^#/, "") === hash) return;
    const url = location.href.split("#")[0] + (hash && `#${hash}`);
    try {
      history.replaceState(history.state, "", url);
    } catch {
      // A sandboxed page may not change its URL.
    }
  }
}

/** Shows a thread as one that the user has chosen, not the page: an invite may lead to another. It was open before, so that it neither takes the focus nor is told. */
function restore(host: Host, thread: string): void {
  host.thread = thread;
  host.show(thread);
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return "";
  }
}
