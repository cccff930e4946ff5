import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import type { Chance } from "../../faults/chance.js";
import type { Attack, Lair } from "./attack.js";
import { BESIDE_MESSAGES } from "./beside-messages.js";
import { OF_EXCESS } from "./excess.js";
import { ON_STRANGERS } from "./strangers.js";
import { Wire } from "./wire.js";

// A little faster than the rations allow: so each is used to its end, and refusals are asked for as well.
const EAGER = 1.3;
// The default rations, requests a second.
const RATES = { write: 10, stream: 20, read: 20, nobody: 20 };

const Token = v.object({ token: v.string(), actor: v.object({ id: v.string() }) });

/** How often each attack was answered with which status. */
export type Tally = Record<string, Record<number, number>>;

/** Whom hostile guests know of: desks are written to, the others are aimed at in every other way. */
export type Aims = { desks: readonly string[]; others: readonly string[]; rooms: readonly string[] };

type Limits = { only: string; guests: number };

/** Guests at one address, made as fast as it is allowed, each of whom uses up each of their rations. */
export class Hostile {
  readonly tally: Tally = {};
  readonly #wire: Wire;
  readonly #lair: Lair;
  readonly #attacks: readonly Attack[];
  readonly #guests: number;
  readonly #over: AbortSignal;

  /** `only` is found in the names of the attacks that are made; `guests` is how many there are at most. */
  constructor(url: string, address: string, aims: Aims, { only, guests }: Limits, chance: Chance, over: AbortSignal) {
    this.#wire = new Wire(url, address);
    this.#lair = { ...aims, chance, codes: [], files: [], members: [], threads: [] };
    this.#attacks = [...ON_STRANGERS, ...OF_EXCESS, ...BESIDE_MESSAGES].filter(({ name }) =>
      new RegExp(only).test(name),
    );
    this.#guests = guests;
    this.#over = over;
    setMaxListeners(0, over);
  }

  /** Fulfilled when it is over and nothing more is asked. */
  async rage(): Promise<void> {
    const busy = [this.#repeat("nobody", this.#lair)];
    while (!this.#over.aborted && busy.length <= this.#guests) {
      const reply = await this.#wire.ask("POST", "token", { body: { displayName: "Somebody" }, signal: this.#over });
      this.#note("become a guest", reply.status);
      if (reply.status === 200) busy.push(this.#guest(v.parse(Token, JSON.parse(reply.text))));
      else await this.#rest(1_000);
    }
    await Promise.all(busy);
    this.#wire.close();
  }

  async #guest({ token, actor }: v.InferOutput<typeof Token>): Promise<void> {
    this.#lair.members.push(actor.id);
    const lair = { ...this.#lair, threads: [] };
    await Promise.all((["write", "stream", "read"] as const).map((kind) => this.#repeat(kind, lair, token)));
  }

  /** Draws attacks that use up one ration, so many a second and at most as many as are answered. */
  async #repeat(kind: Attack["kind"], lair: Lair, token?: string): Promise<void> {
    const attacks = this.#attacks.filter((it) => it.kind === kind);
    const pause = 1_000 / (RATES[kind] * EAGER);
    while (attacks.length > 0 && !this.#over.aborted) {
      const next = performance.now() + pause;
      await this.#strike(lair.chance.pick(attacks), lair, token);
      await this.#rest(Math.max(0, next - performance.now()));
    }
  }

  async #strike({ name, make, learn, held, givenUp }: Attack, lair: Lair, token?: string): Promise<void> {
    const { method, path, ...asking } = make(lair);
    const signal = givenUp === undefined ? this.#over : AbortSignal.any([this.#over, AbortSignal.timeout(givenUp)]);
    const asked = { ...(token === undefined ? {} : { token }), ...asking, signal };
    if (held) {
      // Left open, and never read.
      this.#wire.open(method, path, asked).then(
        (response) => this.#note(name, response.statusCode ?? 0),
        () => {},
      );
      return;
    }
    const reply = await this.#wire.ask(method, path, asked);
    if (reply.status === 0 && this.#over.aborted) return;
    this.#note(name, reply.status);
    if (reply.status < 300) learn?.(lair, reply.text);
  }

  #note(name: string, status: number): void {
    const counts = this.tally[name] ?? {};
    this.tally[name] = counts;
    counts[status] = (counts[status] ?? 0) + 1;
  }

  async #rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#over }).catch(() => {});
  }
}
