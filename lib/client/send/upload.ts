import { linked } from "../environment/abort.js";
import { backoff, type Clock, Pause } from "../environment/backoff.js";
import { uuid } from "../environment/uuid.js";
import type { Deployment } from "../http/deployment.js";
import type { ChatEvent } from "../protocol/chat.js";
import { uploadAll } from "./message-files.js";
import type { Outbox } from "./outbox.js";
import type { OutboxEntry } from "./outbox-store.js";

export { upload } from "./file-upload.js";

// A lock manager that has failed never answers. To upload twice is wasteful, and never to upload is worse.
const LOCK_TIMEOUT_MS = 3_000;

/** What uploads need of the client. */
type Client = { deployment: Deployment; clock: Clock; closed: AbortSignal; emit(event: ChatEvent): void };

/** Uploads the files of messages that wait in an outbox, and retries until they are there or refused for good; one tab does so for each message. */
export class Uploads {
  readonly #client: Client;
  readonly #outbox: Outbox;
  readonly #name: Promise<string | undefined>;
  readonly #underWay = new Map<string, AbortController>();
  readonly #pauses = new Set<Pause>();

  constructor(client: Client, outbox: Outbox, name: Promise<string | undefined>) {
    this.#client = client;
    this.#outbox = outbox;
    this.#name = name;
  }

  /** Begins to upload the files of a message, unless that is under way; then a retry that is due later is made at once. */
  start(entry: OutboxEntry): void {
    for (const pause of this.#pauses) pause.wake();
    if (this.#underWay.has(entry.id)) return;
    const controller = new AbortController();
    this.#underWay.set(entry.id, controller);
    const { signal, done } = linked(this.#client.closed, controller.signal);
    void this.#alone(entry.id, signal, () => this.#run(entry.id, signal))
      .catch(() => {})
      .finally(() => {
        done();
        this.#underWay.delete(entry.id);
      });
  }

  /** Ends the uploads of a message that is taken back. */
  cancel(id: string): void {
    this.#underWay.get(id)?.abort();
  }

  /** Waits for as long as another tab uploads the same: that tab may be gone before it has finished. */
  async #alone(id: string, signal: AbortSignal, run: () => Promise<void>): Promise<void> {
    const name = await this.#name;
    const { locks } = globalThis.navigator ?? {};
    if (name === undefined || !locks || !(await this.#grants(locks, signal))) return run();
    await locks.request(`${name} upload ${id}`, { signal }, run);
  }

  /** Whether the browser grants locks: one that nobody else asks for is granted at once, unless the lock manager has failed. */
  async #grants(locks: LockManager, signal: AbortSignal): Promise<boolean> {
    const own = async () => locks.request(`upload ${uuid()}`, async () => true);
    const late = this.#client.clock.wait(LOCK_TIMEOUT_MS, signal).then(() => false);
    return Promise.race([own().catch(() => false), late]);
  }

  async #run(id: string, signal: AbortSignal): Promise<void> {
    const { clock, deployment, emit } = this.#client;
    const onProgress = (file: number, sent: number, size: number) => emit({ type: "upload", id, file, sent, size });
    const pause = new Pause(clock);
    this.#pauses.add(pause);
    const onFailure = (entry: OutboxEntry, file: number, error: unknown) => {
      const size = entry.files?.[file]?.content.size ?? 0;
      if (error instanceof deployment.Error && error.passing)
        emit({ type: "upload", id, file, sent: 0, size, problem: error.problem });
    };
    try {
      for (let failures = 1; ; failures++) {
        const entry = (await this.#outbox.list()).find((it) => it.id === id);
        if (signal.aborted || entry?.files === undefined) return;
        try {
          const keep = (it: OutboxEntry) => this.#outbox.replace(it);
          const failed = (file: number, error: unknown) => onFailure(entry, file, error);
          return await uploadAll(deployment, entry, { onProgress, onFailure: failed, keep, signal });
        } catch (error) {
          if (signal.aborted) return;
          const known = error instanceof deployment.Error ? error : undefined;
          if (known !== undefined && !known.passing) return await this.#outbox.refuse(entry, known.problem);
          await pause.wait(known?.retryAfter, backoff(failures, clock.random()), signal);
        }
      }
    } finally {
      this.#pauses.delete(pause);
    }
  }
}
