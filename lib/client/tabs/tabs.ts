import { linked } from "../environment/abort.js";
import { delay } from "../environment/backoff.js";
import type { Told } from "../follow/feed.js";
import type { Stream } from "../follow/stream.js";
import type { Problem } from "../protocol/problem.js";
import { Trail } from "./feed-history.js";
import { Lead } from "./leader.js";

/** What tabs say to each other of the stream. */
type Word =
  | ({ type: "answer" } & Told)
  | { type: "standing"; cursor: string | undefined; visible: boolean }
  | { type: "offline"; problem: Problem }
  | { type: "wake" }
  | { type: "ask" };

/** The tabs of one user in one browser: one follows, and tells the others what it was told. */
export class Tabs {
  readonly #stream: Stream;
  readonly #trail: Trail;
  readonly #channel: BroadcastChannel;
  readonly #lead: Lead;
  /** What the leading tab told and this one has not followed yet. */
  #heard: Extract<Word, { type: "answer" | "standing" }>[] = [];
  #joining: Promise<void> | undefined;
  #joined = new AbortController();

  constructor(name: string, stream: Stream) {
    const { attention, closed } = stream.around;
    this.#stream = stream;
    this.#trail = new Trail(stream.feed);
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    closed.addEventListener("abort", () => this.#channel.close());
    stream.told = (news) => {
      if (!this.#lead.mine) return;
      this.#say("answer" in news ? { type: "answer", ...news } : { type: "offline", problem: news });
    };
    const role = {
      lead: async (signal: AbortSignal) => {
        this.#joined.abort();
        await this.#joining;
        await stream.lead(signal);
      },
      ask: () => this.#say({ type: "ask" }),
      report: () => this.#say({ type: "standing", cursor: stream.feed.at, visible: attention.visible }),
    };
    this.#lead = new Lead(name, role, attention, closed);
  }

  /** Something is to be expected: the leading tab asks at once if it sleeps. */
  wake(): void {
    if (!this.#lead.mine) this.#say({ type: "wake" });
  }

  #say(word: Word): void {
    if (!this.#stream.around.closed.aborted) this.#channel.postMessage(word);
  }

  #hear(word: Word): void {
    if (this.#lead.mine) this.#answer(word);
    else this.#follow(word);
  }

  #follow(word: Word): void {
    if (word.type === "standing") this.#lead.answered(word.visible);
    if (word.type === "offline") this.#stream.became("offline", word.problem);
    if (word.type !== "answer" && word.type !== "standing") return;
    this.#heard.push(word);
    this.#joining ??= this.#join().finally(() => {
      this.#joining = undefined;
    });
  }

  #answer({ type }: Word): void {
    const { feed, around, follower } = this.#stream;
    if (type === "ask") this.#say({ type: "standing", cursor: feed.at, visible: around.attention.visible });
    if (type === "wake") follower.wake();
  }

  /** Follows what the leading tab tells; where that does not continue what is known here, asks for what lies between. */
  async #join(): Promise<void> {
    const { feed, became } = this.#stream;
    this.#joined = new AbortController();
    const { signal } = this.#joined;
    for (let word = this.#heard.shift(); word !== undefined; word = this.#heard.shift()) {
      const position = word.type === "answer" ? word.answer.prev : word.cursor;
      if (position === undefined) continue;
      if (!this.#trail.continues(position)) await this.#catchUp(position, signal);
      // This tab leads now, and goes on from where it stands.
      if (signal.aborted) continue;
      if (word.type === "answer") await feed.take(word).catch(() => {});
      became("online");
    }
  }

  /** Asks until nothing is left. Then a position that another tab had reached before is passed, too. */
  async #catchUp(position: string, signal: AbortSignal): Promise<void> {
    const { around, feed } = this.#stream;
    const either = linked(signal, around.closed);
    for (let failures = 0; !either.signal.aborted; ) {
      try {
        const asked = feed.at;
        const answer = await this.#stream.ask(asked, 0, either.signal);
        await feed.take({ answer, asked });
        failures = 0;
        if (answer.stanzas.length > 0) continue;
        this.#trail.pass(position);
        break;
      } catch (error) {
        const { retryAfter = 0 } = Object(error);
        await around.clock.wait(retryAfter * 1_000 + delay(++failures, around.clock.random()), either.signal);
      }
    }
    either.done();
  }
}
