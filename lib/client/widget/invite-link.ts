import type { ReactiveController, ReactiveControllerHost } from "lit";

const INVITE = /[#&]nereid-chat=([^&]*)/;

/** Takes invites out of the page's URL: of the page that was loaded, and of links to the same page. */
export class InviteLinks implements ReactiveController {
  readonly #isWanted: () => boolean;
  readonly #found: (code: string) => void;

  /** Calls `found` with the code of an invite, "" for one that is malformed. */
  constructor(host: ReactiveControllerHost, isWanted: () => boolean, found: (code: string) => void) {
    [this.#isWanted, this.#found] = [isWanted, found];
    host.addController(this);
  }

  hostConnected(): void {
    addEventListener("hashchange", this.take);
  }

  hostDisconnected(): void {
    removeEventListener("hashchange", this.take);
  }

  readonly take = (): void => {
    const code = this.#isWanted() ? takeInvite() : undefined;
    if (code !== undefined) this.#found(code);
  };
}

/** Returns a link to this page that joins by an invite. */
export function linkTo(code: string, prefix = `${location.href.split("#")[0]}#nereid-chat=`): string {
  return prefix + encodeURIComponent(code);
}

/** Returns the invite code in the page's URL, and removes it from there; "" for one that is malformed. */
function takeInvite(): string | undefined {
  const code = INVITE.exec(location.hash)?.[1];
  if (code === undefined) return undefined;
  try {
    const [url = "", hash = ""] = location.href.split(/#(.*)/s);
    const rest = `#${hash}`.replace(INVITE, "").replace(/^&/, "#");
    history.replaceState(history.state, "", url + (rest === "#" ? "" : rest));
  } catch {
    // A sandboxed page may not change its URL.
  }
  return decode(code);
}

function decode(code: string): string {
  try {
    return decodeURIComponent(code);
  } catch {
    return "";
  }
}
