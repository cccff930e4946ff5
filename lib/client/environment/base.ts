const PATH = "/nereid-chat/";

/** Finds the base of the deployment: as it is given, else where this script came from, else the page's own origin. */
export function findBase(given: string | undefined, script: string | undefined): string {
  const from = given ?? (script?.includes(PATH) ? script : globalThis.location?.href);
  if (from === undefined) throw new TypeError("Cannot find the chat: url is missing");
  const { origin, pathname } = new URL(from, globalThis.location?.href);
  const at = `${pathname}/`.indexOf(PATH);
  if (at !== -1) return origin + pathname.slice(0, at) + PATH;
  return origin + (given === undefined ? "" : pathname.replace(/\/+$/, "")) + PATH;
}
