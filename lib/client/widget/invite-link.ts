const INVITE = /[#&]nereid-chat=([^&]*)/;

/** Returns the invite code in the page's URL, and removes it from there; "" for one that is malformed. */
export function takeInvite(): string | undefined {
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

/** Returns a link to this page that joins by an invite. */
export function linkTo(code: string, prefix = `${location.href.split("#")[0]}#nereid-chat=`): string {
  return prefix + encodeURIComponent(code);
}

function decode(code: string): string {
  try {
    return decodeURIComponent(code);
  } catch {
    return "";
  }
}
