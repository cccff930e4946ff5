const MOUNT = "/nereid-chat";

/**
 * Returns the base URL of the deployment, which ends in a slash: from `given`, else from the URL of this script, else from the page's
 * own origin. `mount` is the path of the chat there. Throws a TypeError when there is none of them.
 */
export function findBase(given: string | undefined, script: string | undefined, mount = MOUNT): string {
  const from = given ?? (isIn(script, mount) ? script : globalThis.location?.href);
  if (from === undefined) throw new TypeError("url is missing");
  const { origin, pathname } = new URL(from, globalThis.location?.href);
  const [before = "", found] = `${pathname}/`.split(`${mount}/`);
  return `${origin}${(given ?? found) === undefined ? "" : before.replace(/\/+$/, "")}${mount}/`;
}

/**
 * Returns whether a deployment served this script, from right below its path. A bundler's file may be called after the package's folder:
 * `/node_modules/nereid-chat/dist/…`.
 */
export function isIn(script = "", mount = MOUNT): boolean {
  return script.replace(/[^/]*$/, "").endsWith(`${mount}/`);
}
