import { type Line, Wire, type Written } from "./channel.js";
import { type Event, type Revocation, revoked } from "./event.js";
import { Lookout, watch } from "./freshness.js";
import { type Poll, Polls } from "./held-polls.js";
import { Memory } from "./tail-memory.js";
import * as log from "./write.js";

/** The newest part of the log, kept in memory by one subscription to the wire. A cache: only the log is the truth. */
class Tail {
  /** Is told of revocations. */
  onRevoked: (revocation: Revocation) => void = () => undefined;
  /** Reads the clock for the regular look, told who holds polls here: what else is due (`isDue`) goes along. */
  readClock: (held: string[]) => Promise<log.Clock> = log.clock;
  isDue: (now: number) => boolean = () => false;
  readonly #polls = new Polls();
  readonly #wire = new Wire({
    opened: () => void this.#resume(),
    heard: (line) => this.#heard(line),
    lost: () => this.#lost(),
  });
  readonly #lookout = new Lookout({
    look: () => this.#look(),
    waiting: () => this.#polls.size > 0,
    due: (now) => this.isDue(now),
    stirred: () => this.#memory?.stirred ?? 0,
    tick: (now) => this.#memory?.sweep(now, (entity) => this.#polls.has(entity)),
  });
  #memory: Memory | undefined;
  /** What the wire says while the clock is being read. */
  #pending: Line[] | undefined;
  #state: "new" | "open" | "closed" = "new";
  #watching = false;

  /** Opens the wire, once. Only the stream function does. */
  open(): void {
    if (this.#state !== "new") return;
    this.#state = "open";
    this.#wire.open();
    this.#lookout.start();
    // Vercel allows 500 ms between this signal and the end.
    process.once("SIGTERM", () => this.close());
  }

  /** Ends every held poll, empty, and lets go of the wire for good. */
  close(): void {
    this.#state = "closed";
    this.#polls.endAll("closing");
    this.#wire.close();
    this.#lookout.stop();
  }

  /** Forgets everything and subscribes anew. */
  reset(): void {
    this.#memory = undefined;
    this.#pending = undefined;
    this.onRevoked("all");
    this.#wire.renew();
    void this.#watch();
  }

  /** Whether the wire stands, and the memory goes along with it. */
  get ready(): boolean {
    return this.#memory !== undefined && this.#wire.live && this.#pending === undefined;
  }

  /** Whether this memory may be believed: the wire stands, and no freeze lies between. */
  get trusted(): boolean {
    return this.ready && this.#lookout.awake();
  }

  hold(entity: string, sha: string | undefined, delivered: boolean): Poll {
    const poll = this.#polls.hold(entity, sha, delivered);
    if (this.#state === "closed") poll.end("closing");
    if (!this.ready) void this.#watch();
    return poll;
  }

  readonly release = (poll: Poll) => this.#polls.release(poll);

  /** Takes what this instance has just written without waiting for the wire, unless something else comes first: then the wire brings both. */
  anticipate(written: Written): void {
    if (this.ready && this.#memory?.anticipate(written)) this.#tell(this.#memory, written.event);
  }

  /** Looks at the log, beginning now: what is answered from memory afterwards is not older than this call. */
  async confirm(): Promise<void> {
    if (this.ready) await this.#lookout.confirm();
  }

  /** Makes ready to answer for a cursor: after a thaw looks at the log, and gives a trailing wire a moment to bring what the cursor knows. */
  async settle(cursor: log.Cursor): Promise<void> {
    if (this.ready && !this.#lookout.awake()) await this.#lookout.confirm();
    if (this.memory?.epoch === cursor.epoch) await this.memory?.reach(cursor.n);
  }

  /** What may be answered from, now. */
  get memory(): Memory | undefined {
    return this.trusted ? this.#memory : undefined;
  }

  /** Whether events are sure to ring somebody's polls. Without a wire the watch does. */
  hears(entity: string): boolean {
    return !this.ready || this.#memory?.find(entity, Date.now()) !== undefined;
  }

  /** Ends tokens and the polls that they hold; the wire tells the other instances. */
  revoke(shas: ReadonlySet<string>): void {
    this.onRevoked(shas);
    this.#polls.endTokens(shas);
  }

  // The subscription stands. When the clock has not moved nothing was missed; else the window begins here.
  async #resume(): Promise<void> {
    const pending: Line[] = [];
    this.#pending = pending;
    const began = Date.now();
    const clock = await log.begin(began).catch(() => undefined);
    if (this.#pending !== pending) return;
    const before = this.#memory;
    if (clock === undefined) return this.#wire.renew();
    if (before?.contradicts(clock, before.to)) return this.#fork(before);
    const missed = before?.epoch !== clock.epoch || before.to !== clock.n;
    before?.settle();
    if (missed) {
      this.#memory = new Memory(clock);
      this.onRevoked("all");
    }
    this.#pending = undefined;
    this.#lookout.trust(began);
    for (const line of pending) this.#heard(line);
    // Whose memberships are not known here is not rung by events, so everybody asks once more.
    if (missed) this.#polls.ringAll();
  }

  // The memory is kept: what it holds decides, when the wire stands again, whether something was missed.
  #lost(): void {
    this.#pending = undefined;
    this.#lookout.doubt();
    void this.#watch();
  }

  #heard(line: Line): void {
    if (this.#pending?.push(line)) return;
    const memory = this.#memory;
    try {
      const outcome = memory?.take(line);
      if (memory === undefined || outcome === "known") return;
      if (line !== undefined && outcome === "new") this.#tell(memory, line.event);
      else if (outcome === "fork") void this.#fork(memory);
      else this.reset();
    } catch {
      // An event that cannot be understood is as good as missed.
      this.reset();
    }
  }

  #tell(memory: Memory, event: Event): void {
    if (event.kind === "revoke") this.revoke(new Set(revoked(event)));
    this.#polls.ringEach(memory.concerned(event), event.kind);
  }

  async #look(): Promise<void> {
    const memory = this.#memory;
    const reached = memory?.to ?? 0;
    const clock = await this.readClock(this.#polls.entities());
    if (memory === undefined || this.#memory !== memory) return;
    if (clock.epoch !== "" && clock.epoch !== memory.epoch) return this.reset();
    if (memory.contradicts(clock, reached)) return this.#fork(memory);
    const whole = await memory.hear(clock.n);
    if (this.#memory !== memory) return;
    if (!whole) this.reset();
    else if (memory.contradicts(clock, reached)) await this.#fork(memory);
  }

  // Only what this process remembers may start an epoch. If the store fails meanwhile, the memory is kept and judges again.
  async #fork(memory: Memory): Promise<void> {
    this.#lookout.doubt();
    try {
      await log.fork(memory.epoch, memory.to, Date.now());
      if (this.#memory === memory) this.reset();
    } catch {
      this.#wire.renew();
    }
  }

  // Without a wire one loop for the whole instance asks the clock, and wakes the polls that it has left behind.
  async #watch(): Promise<void> {
    if (this.#watching) return;
    this.#watching = true;
    await watch(async () => {
      this.#watching = this.#polls.size > 0 && !this.ready;
      if (!this.#watching) return "done";
      return this.#polls.ringBehind(await log.clock()) > 0 ? "moved" : "still";
    });
  }
}

/** The tail of this process. */
export const tail = new Tail();
