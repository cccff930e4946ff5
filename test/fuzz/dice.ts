/** What there is on the server: a session, a thread and a message of its bearer, and whatever else is worth naming. */
export type Known = { session: string; service: string; thread: string; message: string; others: string[] };

/** Throws dice that fall the same way for the same seed (mulberry32). */
export class Dice {
  readonly known: Known;
  #state: number;

  constructor(seed: number, known: Known) {
    this.#state = seed;
    this.known = known;
  }

  /** A number from 0 up to, not including, `below`. */
  up(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
  }

  once(inSoMany: number): boolean {
    return this.up(inSoMany) === 0;
  }

  one<T>(...of: [T, ...T[]]): T {
    return of[this.up(of.length)] ?? of[0];
  }

  many<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.up(most + 1) }, make);
  }

  /** Turns, drops, doubles or puts in a few bytes. */
  mutated(bytes: Buffer): Buffer {
    let out = Buffer.from(bytes);
    for (let i = this.up(4) + 1; i > 0; i--) {
      const at = this.up(out.length + 1);
      const length = this.up(8);
      const rest = out.subarray(at + (this.once(2) ? length : 0));
      const middle = this.once(2) ? out.subarray(at, at + length) : Buffer.from(this.many(4, () => this.up(256)));
      out = Buffer.concat([out.subarray(0, at), middle, rest]);
    }
    return out;
  }

  /** A text: something that there is, something odd, or anything. */
  word(): string {
    const kind = this.up(8);
    const { session, thread, message, others } = this.known;
    if (kind < 3) return this.one(session, thread, message, ...others);
    if (kind < 6) return this.one(...ODD);
    if (kind === 6) return String.fromCharCode(...this.many(20, () => this.up(this.once(4) ? 65_536 : 256)));
    return this.one(...ODD).repeat(this.up(this.once(10) ? 3_000 : 30));
  }

  /** Any JSON value, at most so deep. */
  value(depth: number): unknown {
    const kind = this.up(depth > 0 ? 9 : 7);
    if (kind === 0) return null;
    if (kind === 1) return this.once(2);
    if (kind === 2) return this.one(0, -1, 1e308, 0.5, 2 ** 53, 1, -0);
    if (kind < 7) return this.word();
    if (kind === 7) return this.many(4, () => this.value(depth - 1));
    return Object.fromEntries(this.many(4, () => [this.word(), this.value(depth - 1)]));
  }
}

const ODD = [
  ...([
    "",
    "x",
    "__proto__",
    "constructor",
    "toString",
    "null",
    "0",
    "-1",
    "..",
    "%00",
    "%",
    "%ff",
    "a:b|c,d",
  ] as const),
  ...([
    "\u0000",
    "\ud800",
    "👍",
    "\u202e",
    "' OR 1",
    "{{x}}",
    "<script>",
    "<b><i>",
    "*",
    "KEYS[1]",
    "\r\n",
    "id:x",
  ] as const),
] as const;
