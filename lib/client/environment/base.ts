const PATH = "/nereid-chat/";

/**
 * Returns the base URL of the deployment, which ends in a slash: from `given`, else from the URL of this script, else from the page's
 * own origin. Throws a TypeError when there is none of them.
 */
export function findBase(given: string | undefined, script: string | undefined): string {
  const from = given ?? (script?.includes(PATH) ? script : globalThis.location?.href);
  if (from === undefined) throw new TypeError("Cannot find the chat: url is missing");
  const { origin, pathname } = new URL(from, globalThis.location?.href);
  const at = `${pathname}/`.indexOf(PATH);
  if (at !== -1) return origin + pathname.slice(0, at) + PATH;
  return origin + (given === undefined ? "" : pathname.replace(/\/+$/, "")) + PATH;
}
