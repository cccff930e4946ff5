/** The oldest Node for this package: its HTML parser asks for it, and before 20.12 there is no `hash` and no `parseEnv`. As in `engines`. */
export const OLDEST_NODE = "20.19.0";
/** The major versions that are tested, those with long-term support. As in `engines`. */
export const TESTED_MAJORS = [20, 22, 24, 26];

/** Whether a version of Node, such as `24.11.1`, is older than the oldest that runs this package. */
export function isTooOld(version: string): boolean {
  const [given, oldest] = [partsOf(version), partsOf(OLDEST_NODE)];
  const differing = oldest.findIndex((part, i) => part !== given[i]);
  return differing >= 0 && (given[differing] ?? 0) < (oldest[differing] ?? 0);
}

/** Whether the tests run on this major version of Node. */
export function isTested(version: string): boolean {
  return TESTED_MAJORS.includes(partsOf(version)[0] ?? 0);
}

function partsOf(version: string): number[] {
  return version.split(".").map(Number);
}
