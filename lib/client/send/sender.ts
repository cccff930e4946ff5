import { onAbort } from "../environment/abort.js";
import type { Clock } from "../environment/backoff.js";
import { loadLater } from "../environment/load-later.js";
import { uuid } from "../environment/uuid.js";
import type { ContinuityTracker } from "../follow/continuity.js";
import { readHistory } from "../follow/resync.js";
import { type CallsWithStates, calls, sendReceipt } from "../http/calls.js";
import type { Deployment } from "../http/deployment.js";
import type { ChatEvent } from "../protocol/chat.js";
import type { Problem } from "../protocol/problem.js";
import type { Actor, Draft, Message, Sent } from "../protocol/stanza.js";
import { alone } from "./alone.js";
import { LocalEcho } from "./local-echo.js";
import { Outbox, type Outcome } from "./outbox.js";
import { indexedStore, memoryStore, type OutboxEntry } from "./outbox-store.js";
import { ReadPositions } from "./read-positions.js";
import { allowRetracted, Retractions } from "./retractions.js";
import type { Uploads } from "./upload.js";

export type Client = {
  me(): Actor | undefined;
  isOnline(): boolean;
  emit(event: ChatEvent): void;
  /** A stanza was accepted: the stream is about to deliver it. */
  accepted(): void;
  deployment: Deployment;
  tracker: ContinuityTracker;
  clock: Clock;
  closed: AbortSignal;
};

type Stanza = OutboxEntry["stanza"];
type Waiter = { resolve(result: Sent | undefined): void; reject(error: unknown): void };

/** Sends messages and stanzas, with a local echo and an outbox that is stored under `name` in this browser. */
export class Sender {
  readonly calls: CallsWithStates;
  readonly #client: Client;
  readonly #positions: ReadPositions;
  readonly #echo: LocalEcho;
  readonly #outbox: Outbox;
  readonly #name: Promise<string | undefined>;
  #uploads: Promise<Uploads> | undefined;
  readonly #retractions = new Retractions();
  #channel: BroadcastChannel | undefined;
  #waiters = new Map<string, Waiter[]>();

  constructor(client: Client, name: Promise<string | undefined>) {
    const { clock, closed, emit, deployment, tracker } = client;
    this.#client = client;
    this.#name = name;
    this.#positions = new ReadPositions((...receipt) => sendReceipt(deployment, ...receipt), clock, closed);
    this.calls = calls(deployment, tracker, () => client.me()?.id, this.#positions.read);
    this.#echo = new LocalEcho(emit, client.isOnline, clock, closed);
    let locked: ReturnType<typeof alone> | undefined;
    const transport = {
      send: (stanzas: Stanza[]) => deployment.send(stanzas),
      alone: async (run: () => Promise<void>) => {
        const lock = await name;
        locked ??= alone(`${lock} outbox`, closed);
        await (lock === undefined ? run() : locked(run));
      },
      upload: (entry: OutboxEntry) =>
        void this.#loadUploads().then(
          (it) => it.start(entry),
          () => {},
        ),
      ended: (ended: Outcome, stanza: Stanza) => {
        const { attachments } = Object(stanza.message);
        const outcome = { ...this.#retractions.settle(stanza, ended), attachments };
        this.#post(outcome);
        this.#ended(outcome);
      },
    };
    const store = name.then((it) => (it === undefined ? memoryStore() : indexedStore(it, clock.now)));
    this.#outbox = new Outbox(store, transport, clock, closed);
    void name.then((it) => it === undefined || this.#listen(`${it} outbox`)).catch(() => {});
    onAbort(closed, () => {
      for (const { reject } of [...this.#waiters.values()].flat()) reject(closed.reason);
    });
  }

  async message(draft: Draft): Promise<Sent> {
    const { files, ...content } = draft;
    const message = { ...content, id: draft.id ?? uuid() };
    if (!this.#client.closed.aborted) this.#echo.show({ ...draft, id: message.id }, this.#client.me());
    this.calls.overtake(draft.thread);
    const sent = await this.put({ type: "message", message }, message.id, files);
    if (sent === undefined) throw new this.#client.deployment.Error({ code: "unreachable", status: 0 });
    return sent;
  }

  /** Sends a stanza after all that were sent before it. */
  async put(stanza: Stanza, id = uuid(), files?: OutboxEntry["files"]): Promise<Sent | undefined> {
    this.#client.closed.throwIfAborted();
    const known = this.#outbox.find(id);
    const same = known !== undefined && JSON.stringify(known) === JSON.stringify(stanza);
    // Other content under the same id is another stanza, which the deployment is to refuse.
    const key = known === undefined || same ? id : uuid();
    const ended = new Promise<Sent | undefined>((resolve, reject) => {
      this.#waiters.set(key, [...(this.#waiters.get(key) ?? []), { resolve, reject }]);
    });
    if (!same) this.#outbox.put({ id: key, stanza, files });
    if (stanza.type !== "retract") return ended;
    return ended.catch((error) => allowRetracted(this.#client.deployment, stanza, error));
  }

  /** Takes a message back that was not sent yet; returns whether it was in time. */
  async withdraw(id: string): Promise<boolean> {
    if (!(await this.#outbox.withdraw(id))) return false;
    const problem = { code: "withdrawn", status: 0, title: "The message was withdrawn" };
    this.#post({ id, problem });
    this.#ended({ id, problem });
    return true;
  }

  /** Shows and sends the messages that the page left before a reload. */
  async resume(): Promise<void> {
    for (const { stanza, id, files } of await this.#outbox.list()) {
      if (stanza.type === "message") this.#echo.show({ ...Object(stanza.message), id, files }, this.#client.me());
    }
    await this.drain();
  }

  /** Sends at once: the deployment is reachable again. With `all`, even if the deployment asked for a later time. */
  drain(all = false): Promise<void> {
    return this.#outbox.drain(all);
  }

  /** Sends at once how far the user has read: the page is hidden. */
  flushReceipts(): void {
    this.#positions.flush();
  }

  /** Resolves when all stanzas so far are stored, or will not be. */
  async settled(): Promise<void> {
    await this.#outbox.list();
  }

  /** The stream delivers a message; returns whether it has not been emitted yet. */
  delivered(id: string): boolean {
    return this.#echo.delivered(id);
  }

  /** Reads the current history of a thread, as far back as the page holds it. */
  history(thread: string, newest: number): Promise<Message[] | undefined> {
    const { deployment, tracker } = this.#client;
    return readHistory(deployment, tracker, thread, newest);
  }

  /** Most users send no files: what uploads them is loaded with the first one. */
  #loadUploads(): Promise<Uploads> {
    const { clock, closed } = this.#client;
    this.#uploads ??= loadLater(() => import("./upload.js"), clock, closed).then(
      ({ Uploads }) => new Uploads(this.#client, this.#outbox, this.#name),
    );
    return this.#uploads;
  }

  /** Receives the outcomes of stanzas that another tab sends for this one. */
  #listen(name: string): void {
    const { closed } = this.#client;
    if (closed.aborted || !globalThis.BroadcastChannel) return;
    const channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => this.#ended(data);
    onAbort(closed, () => channel.close());
    this.#channel = channel;
  }

  #post(outcome: Outcome): void {
    if (!this.#client.closed.aborted) this.#channel?.postMessage(outcome);
  }

  #ended({ id, problem, result, attachments }: Outcome): void {
    this.#outbox.end(id);
    void this.#uploads?.then(
      (it) => it.cancel(id),
      () => {},
    );
    const waiters = this.#waiters.get(id) ?? [];
    this.#waiters.delete(id);
    if (problem !== undefined) {
      this.#refused(id, problem, waiters);
      return;
    }
    for (const { resolve } of waiters) resolve(result);
    if (result?.type === "message") void this.#echo.acknowledged(result, attachments);
    this.#client.accepted();
  }

  #refused(id: string, problem: Problem, waiters: Waiter[]): void {
    this.#echo.refused(id, problem);
    for (const { reject } of waiters) reject(new this.#client.deployment.Error(problem));
  }
}
