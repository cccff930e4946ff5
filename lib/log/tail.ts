import { describeError } from "../logger.js";
import { Channel } from "./channel.js";
import { begin, fork } from "./clock.js";
import { ClockWatch } from "./clock-watch.js";
import type { Clock, Cursor } from "./cursor.js";
import { type Ban, banned, type Event, isErasure, revoked } from "./event.js";
import { Freshness } from "./freshness.js";
import { HeldPolls, type Poll } from "./held-polls.js";
import type { Log } from "./log.js";
import { ReorderBuffer } from "./reorder-buffer.js";
import type { TailHooks } from "./tail-hooks.js";
import { TailMemory } from "./tail-memory.js";
import type { WireEvent } from "./wire.js";

/** The newest part of the log, kept in memory by one subscription to the wire. A cache: only the log is the truth. */
export class Tail {
  readonly #log: Log;
  readonly #hooks: TailHooks;
  readonly #polls = new HeldPolls();
  readonly #watch: ClockWatch;
  readonly #channel: Channel;
  readonly #freshness: Freshness;
  #memory: TailMemory | undefined;
  /** What the wire says while the clock is being read. */
  #pending: (WireEvent | undefined)[] | undefined;
  readonly #ahead = new ReorderBuffer();

  constructor(log: Log, hooks: TailHooks) {
    this.#log = log;
    this.#hooks = hooks;
    this.#watch = new ClockWatch(log, this.#polls, () => this.ready);
    this.#channel = new Channel(log, {
      opened: () => void this.#resume(),
      heard: (event) => this.#heard(event),
      settled: () => this.#ahead.size > 0 && this.reset("hole"),
      lost: () => this.#lost(),
    });
    this.#freshness = new Freshness({
      look: () => this.#look(),
      waiting: () => this.#polls.size > 0,
      due: (now) => hooks.isDue(now),
      stirred: () => this.#memory?.stirred ?? 0,
      tick: (now) => this.#memory?.sweep(now, (entity) => this.#polls.has(entity)),
    });
  }

  /** Opens the wire, once; called by the first stream request, since nothing else needs the tail. */
  open(): void {
    this.#channel.open();
    this.#freshness.start();
  }

  /** Ends every held poll, empty, and lets go of the wire for good. */
  close(): void {
    this.#polls.close();
    this.#channel.close();
    this.#freshness.stop();
  }

  /** Forgets everything and subscribes anew. The cause is logged. */
  reset(cause: string, error?: unknown): void {
    this.#log.logger.error("tail_reset", { cause, ...(error === undefined ? {} : describeError(error)) });
    this.#memory = undefined;
    this.#pending = undefined;
    this.#ahead.take();
    this.#hooks.revoked("all");
    this.#channel.renew();
    this.#watch.start();
  }

  /** Whether the wire stands, and the memory goes along with it. */
  get ready(): boolean {
    return this.#memory !== undefined && this.#channel.live && this.#pending === undefined;
  }

  /** Whether this memory may be believed: the wire stands, and the process has not been frozen meanwhile. */
  get trusted(): boolean {
    return this.ready && this.#freshness.awake();
  }

  hold(...poll: Parameters<HeldPolls["hold"]>): Poll {
    if (!this.ready) this.#watch.start();
    return this.#polls.hold(...poll);
  }

  readonly release = (poll: Poll) => this.#polls.release(poll);

  /** Applies what this instance has just written without waiting for the wire, unless another event comes first: then the wire brings both. */
  applyOwn(written: WireEvent): void {
    if (this.ready && this.#memory?.applyOwn(written)) this.#added(this.#memory, written.event);
  }

  /** Looks at the log, beginning now: what is answered from memory afterwards is not older than this call. */
  async confirm(): Promise<void> {
    if (this.ready) await this.#freshness.confirm();
  }

  /** Makes ready to answer for a cursor: looks at the log after a thaw, and gives a trailing wire a moment to bring what the cursor knows. */
  async settle(cursor: Cursor): Promise<void> {
    if (this.ready && !this.#freshness.awake()) await this.#freshness.confirm();
    if (this.memory?.epoch === cursor.epoch) await this.memory?.reach(cursor.n);
  }

  /** What may be answered from, now. */
  get memory(): TailMemory | undefined {
    return this.trusted ? this.#memory : undefined;
  }

  /** Whether events are sure to ring a user's polls. Without a wire the watch does. */
  hears(entity: string): boolean {
    return !this.ready || this.#memory?.find(entity, Date.now()) !== undefined;
  }

  /** Ends tokens, the polls that they hold and, with a ban, all polls of its user; the wire tells the other instances. */
  revoke(shas: ReadonlySet<string>, ban?: Ban): void {
    this.#hooks.revoked(shas, ban);
    this.#polls.endTokens(shas);
    if (ban?.isBanned) this.#polls.endUser(ban.entity);
  }

  // The subscription stands. When the clock has not moved nothing was missed; else the window begins here.
  async #resume(): Promise<void> {
    const pending: (WireEvent | undefined)[] = [];
    this.#pending = pending;
    const began = Date.now();
    const clock = await begin(this.#log, began).catch(() => undefined);
    if (this.#pending !== pending) return;
    const before = this.#memory;
    if (clock === undefined) return this.#channel.renew();
    if (before?.contradicts(clock, before.to)) return this.#fork(before);
    before?.settle();
    if (before?.epoch !== clock.epoch || before.to !== clock.n) this.#beginAt(clock);
    this.#pending = undefined;
    this.#freshness.trust(began);
    for (const event of pending) this.#heard(event);
  }

  // The memory is kept: what it holds decides, when the wire stands again, whether something was missed.
  #lost(): void {
    this.#pending = undefined;
    this.#ahead.take();
    this.#freshness.doubt();
    this.#watch.start();
  }

  #heard(event: WireEvent | undefined): void {
    if (this.#pending?.push(event)) return;
    const memory = this.#memory;
    if (memory === undefined) return;
    try {
      this.#apply(memory, event);
    } catch (error) {
      // An event that cannot be understood counts as missed.
      this.reset("unreadable event", error);
    }
  }

  #apply(memory: TailMemory, event: WireEvent | undefined): void {
    const outcome = memory.apply(event);
    if (event === undefined || outcome === "foreign") this.reset("unreadable event");
    else if (outcome === "fork") void this.#fork(memory);
    else if (outcome === "new") this.#added(memory, event.event);
    else if (outcome === "hole" && !(this.#channel.overlapping && this.#ahead.keep(event))) this.reset("hole");
  }

  #added(memory: TailMemory, event: Event): void {
    if (event.kind === "revoke") this.revoke(new Set(revoked(event)), banned(event));
    this.#polls.ringEach(memory.concerned(event), event.kind);
    if (isErasure(event)) this.#beginAt({ epoch: memory.epoch, n: event.n, tag: event.tag });
    for (const it of this.#ahead.take()) this.#heard(it);
  }

  // Events ring nobody whose memberships are not known here, so every poll reads once more.
  #beginAt(clock: Clock): void {
    this.#memory = new TailMemory(clock, this.#log.horizon);
    this.#hooks.revoked("all");
    this.#polls.ringAll();
  }

  async #look(): Promise<void> {
    const memory = this.#memory;
    const reached = memory?.to ?? 0;
    const clock = await this.#hooks.readClock(this.#polls.entities(), this.memory);
    if (memory === undefined || this.#memory !== memory) return;
    if (clock.epoch !== "" && clock.epoch !== memory.epoch) return this.reset("another epoch");
    if (memory.contradicts(clock, reached)) return this.#fork(memory);
    const whole = await memory.hear(clock.n);
    if (this.#memory !== memory) return;
    if (!whole) this.reset("silent wire");
    else if (memory.contradicts(clock, reached)) await this.#fork(memory);
  }

  // Only what this instance remembers may begin an epoch. If the store fails meanwhile, the memory is kept and judges again.
  async #fork(memory: TailMemory): Promise<void> {
    this.#freshness.doubt();
    const forked = await fork(this.#log, memory.epoch, memory.to, Date.now()).catch(() => undefined);
    if (forked === undefined) this.#channel.renew();
    else if (this.#memory === memory) this.reset("the log went back: a new epoch");
  }
}
