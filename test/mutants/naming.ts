/** Tells what a name is known by to others; undefined for one that is a module's own and may be called anything. */
export type KnownAs = (name: string) => string | undefined;

/**
 * What the names of a pattern are called where it is looked for. One that others know must be the same; any other may be called
 * otherwise, but always the same.
 */
export class Naming {
  /** How much was the same that cannot be renamed: without any, nothing was found but a form. */
  anchors = 0;
  readonly #knownAs: KnownAs;
  readonly #isForeign: (name: string) => boolean;
  readonly #names = new Map<string, string>();

  /** `isForeign` tells whether a name of the pattern can be no module's own. */
  constructor(knownAs: KnownAs, isForeign: (name: string) => boolean) {
    this.#knownAs = knownAs;
    this.#isForeign = isForeign;
  }

  /** Tells whether a name of the pattern may be called `found` here. */
  fits(name: string, found: string): boolean {
    const known = this.#knownAs(found);
    const before = this.#names.get(name) ?? found;
    if (known === undefined ? before !== found || this.#isForeign(name) : known !== name) return false;
    if (known !== undefined && known !== "undefined") this.anchors++;
    this.#names.set(name, found);
    return true;
  }

  /** What a name of the pattern is called here. */
  get(name: string): string | undefined {
    return this.#names.get(name);
  }
}
