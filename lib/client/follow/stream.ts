import type { Attention } from "../environment/attention.js";
import type { Clock } from "../environment/backoff.js";
import type { Deployment } from "../http/deployment.js";
import type { State } from "../protocol/chat.js";
import type { ChatError, Problem } from "../protocol/problem.js";
import type { Answer } from "../protocol/stanza.js";
import type { Feed, Received } from "./feed.js";
import type { live } from "./live.js";
import type { NetworkPath } from "./network-path.js";
import { Poller, type PollSource } from "./poller.js";

export type StreamContext = {
  deployment: Deployment;
  clock: Clock;
  attention: Attention;
  path: NetworkPath;
  /** The code that reads event streams. */
  live: Promise<typeof live>;
  closed: AbortSignal;
};

type Handlers = {
  setState(state: State, problem?: Problem): void;
  /** The cursor is no longer valid. */
  lost(): Promise<void>;
};

/** The stream of one user, read by this tab or by the leader tab. */
export class Stream {
  readonly context: StreamContext;
  readonly feed: Feed;
  readonly setState: Handlers["setState"];
  readonly poller: Poller;
  readonly Error: typeof ChatError;
  /** Called with the result of each request of this tab. */
  onResult: (result: Received | Problem) => void = () => {};
  readonly #lost: Handlers["lost"];
  #live: typeof live | undefined;

  constructor(context: StreamContext, feed: Feed, { setState, lost }: Handlers) {
    this.context = context;
    this.feed = feed;
    this.setState = setState;
    this.Error = context.deployment.Error;
    this.#lost = lost;
    context.live.then(
      (loaded) => {
        this.#live = loaded;
      },
      () => {},
    );
    this.poller = new Poller(this, context.path, context.attention, context.clock);
  }

  /** Reads from the cursor of the feed until `signal` aborts. */
  async lead(signal: AbortSignal): Promise<void> {
    await this.feed.settled();
    await this.poller.run(() => this.feed.cursor, signal);
  }

  async poll(cursor: string | undefined, wait: number, signal: AbortSignal): Promise<Answer> {
    try {
      return await this.context.deployment.poll(cursor, wait, signal);
    } catch (error) {
      if (error instanceof this.Error && error.code === "bad_cursor") {
        this.feed.cursor = undefined;
        await this.#lost();
      }
      throw error;
    }
  }

  get live(): PollSource["live"] {
    const read = this.#live;
    return read && ((cursor, watch, signal) => read(this, cursor, watch, signal));
  }

  async receive(answer: Answer, asked: string | undefined): Promise<void> {
    this.onResult({ answer, asked });
    this.setState("online");
    await this.feed.deliver({ answer, asked });
  }

  failed({ problem }: ChatError): void {
    this.onResult(problem);
    this.setState("offline", problem);
  }
}
