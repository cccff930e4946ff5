import type { Attention } from "../environment/attention.js";
import type { Clock } from "../environment/backoff.js";
import type { Deployment } from "../http/deployment.js";
import type { State } from "../protocol/chat.js";
import { ChatError, type Problem } from "../protocol/problem.js";
import type { Answer } from "../protocol/stanza.js";
import type { Feed, Told } from "./feed.js";
import type { Path } from "./network-path.js";
import { Follower } from "./poller.js";

export type Surroundings = {
  deployment: Deployment;
  clock: Clock;
  attention: Attention;
  path: Path;
  closed: AbortSignal;
};

type Events = {
  became(state: State, problem?: Problem): void;
  /** The cursor is of no use any more. */
  lost(): Promise<void>;
};

/** Follows the stream, for this tab alone or for others, too. */
export class Stream {
  readonly around: Surroundings;
  readonly feed: Feed;
  readonly became: Events["became"];
  readonly follower: Follower;
  /** Hears what this tab learns by its own polls. */
  told: (news: Told | Problem) => void = () => {};
  readonly #lost: Events["lost"];

  constructor(around: Surroundings, feed: Feed, { became, lost }: Events) {
    this.around = around;
    this.feed = feed;
    this.became = became;
    this.#lost = lost;
    this.follower = new Follower(this, around.path, around.attention, around.clock);
  }

  /** Follows until `signal` aborts, from where the feed stands. */
  async lead(signal: AbortSignal): Promise<void> {
    await this.feed.settled();
    await this.follower.run(() => this.feed.at, signal);
  }

  async ask(cursor: string | undefined, wait: number, signal: AbortSignal): Promise<Answer> {
    try {
      return await this.around.deployment.follow(cursor, wait, signal);
    } catch (error) {
      if (error instanceof ChatError && error.code === "bad_cursor") {
        this.feed.at = undefined;
        await this.#lost();
      }
      throw error;
    }
  }

  /** Follows an event stream until it ends. */
  async live(cursor: string, signal: AbortSignal): Promise<void> {
    await (await import("./live.js")).live(this, cursor, signal);
  }

  async take(answer: Answer, asked: string | undefined): Promise<void> {
    this.told({ answer, asked });
    this.became("online");
    await this.feed.take({ answer, asked });
  }

  failed({ problem }: ChatError): void {
    this.told(problem);
    this.became("offline", problem);
  }
}
