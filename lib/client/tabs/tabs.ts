import { linked, onAbort } from "../environment/abort.js";
import { backoff, Pause } from "../environment/backoff.js";
import type { Received } from "../follow/feed.js";
import type { Stream } from "../follow/stream.js";
import type { Problem } from "../protocol/problem.js";
import { FeedHistory } from "./feed-history.js";
import { LeaderElection } from "./leader.js";

/** The messages between tabs. Tabs of different versions may exchange them. */
type TabMessage =
  | ({ type: "answer" } & Received)
  | { type: "standing"; cursor: string | undefined; visible: boolean }
  | { type: "offline"; problem: Problem }
  | { type: "wake" }
  | { type: "ask" };

/** The tabs of one user in one browser: the leader polls, and sends what it receives to the others. */
export class Tabs {
  readonly #stream: Stream;
  readonly #history: FeedHistory;
  readonly #channel: BroadcastChannel;
  readonly #election: LeaderElection;
  /** Messages of the leader that this tab has not processed yet. */
  #queue: Extract<TabMessage, { type: "answer" | "standing" }>[] = [];
  #processing: Promise<void> | undefined;
  #following = new AbortController();

  constructor(name: string, stream: Stream) {
    const { attention, closed } = stream.context;
    this.#channel = new BroadcastChannel(name);
    this.#stream = stream;
    this.#history = new FeedHistory(stream.feed);
    this.#channel.onmessage = ({ data }) => this.#onMessage(data);
    onAbort(closed, () => this.#channel.close());
    stream.onResult = (result) => {
      if (!this.#election.isLeader) return;
      this.#post("answer" in result ? { type: "answer", ...result } : { type: "offline", problem: result });
    };
    const role = {
      lead: async (signal: AbortSignal) => {
        this.#following.abort();
        await this.#processing;
        await stream.lead(signal);
      },
      ask: () => this.#post({ type: "ask" }),
      report: () => this.#post({ type: "standing", cursor: stream.feed.cursor, visible: attention.visible }),
    };
    this.#election = new LeaderElection(name, role, attention, closed);
  }

  /** Makes the leader end its pause: an event is to be expected. */
  wake(): void {
    if (!this.#election.isLeader) this.#post({ type: "wake" });
  }

  #post(message: TabMessage): void {
    if (!this.#stream.context.closed.aborted) this.#channel.postMessage(message);
  }

  #onMessage(message: TabMessage): void {
    if (this.#election.isLeader) this.#respond(message);
    else this.#follow(message);
  }

  #respond({ type }: TabMessage): void {
    const { feed, context, poller } = this.#stream;
    if (type === "ask") this.#post({ type: "standing", cursor: feed.cursor, visible: context.attention.visible });
    if (type === "wake") poller.wake();
  }

  #follow(message: TabMessage): void {
    if (message.type === "standing") this.#election.responded(message.visible);
    if (message.type === "offline") this.#stream.setState("offline", message.problem);
    if (message.type !== "answer" && message.type !== "standing") return;
    this.#queue.push(message);
    this.#processing ??= this.#process().finally(() => {
      this.#processing = undefined;
    });
  }

  /** Delivers what the leader sends. If that does not continue from what this tab knows, polls for what lies between. */
  async #process(): Promise<void> {
    const { feed, setState } = this.#stream;
    this.#following = new AbortController();
    const { signal } = this.#following;
    for (let message = this.#queue.shift(); message !== undefined; message = this.#queue.shift()) {
      const cursor = message.type === "answer" ? message.answer.prev : message.cursor;
      if (cursor === undefined) continue;
      if (!this.#history.continues(cursor)) await this.#catchUp(cursor, signal);
      // This tab has become the leader, and continues from its own cursor.
      if (signal.aborted) continue;
      if (message.type === "answer") await feed.deliver(message).catch(() => {});
      setState("online");
    }
  }

  /** Polls until nothing is left. The feed has then also passed `cursor`, which another tab had reached before. */
  async #catchUp(cursor: string, signal: AbortSignal): Promise<void> {
    const { context, feed } = this.#stream;
    const either = linked(signal, context.closed);
    const pause = new Pause(context.clock);
    const stop = context.attention.on((change) => change === "hidden" || pause.wake(true));
    for (let failures = 0; !either.signal.aborted; ) {
      try {
        const asked = feed.cursor;
        const answer = await this.#stream.poll(asked, 0, either.signal);
        await feed.deliver({ answer, asked });
        failures = 0;
        if (answer.stanzas.length > 0 && answer.cursor !== asked) continue;
        this.#history.pass(cursor);
        break;
      } catch (error) {
        const { retryAfter } = Object(error);
        await pause.wait(retryAfter, backoff(++failures, context.clock.random()), either.signal);
      }
    }
    stop();
    either.done();
  }
}
