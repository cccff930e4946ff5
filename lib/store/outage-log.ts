import type { Logger } from "../logger.js";
import type { StoreFailure, Trouble } from "./store-fault.js";

/** Logs that the store cannot be used: each cause once until the store can be used again, and that. */
export class OutageLog {
  readonly #logger: Logger;
  readonly #fields: { host: string; operation: string };
  readonly #logged = new Set<Trouble>();
  #trouble: Trouble | undefined;
  #since = 0;

  /** `host` and `operation` tell the lines of several stores, and of requests and subscriptions, apart. */
  constructor(logger: Logger, fields: { host: string; operation: "request" | "subscribe" }) {
    this.#logger = logger;
    this.#fields = fields;
  }

  /** Why the store could not be used the last time it was tried; undefined once it could. */
  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  failed({ code, sign, retryAfter }: StoreFailure): void {
    // A full store can still be read, and the client of each write is told.
    if (code === "storage full") return;
    if (this.#trouble === undefined) this.#since = Date.now();
    this.#trouble = code;
    if (this.#logged.has(code)) return;
    this.#logged.add(code);
    this.#logger.error("store_unavailable", { cause: code, sign, ...this.#fields, retry_after: retryAfter });
  }

  succeeded(): void {
    if (this.#trouble === undefined) return;
    const after = Date.now() - this.#since;
    this.#logger.info("store_recovered", { cause: this.#trouble, ...this.#fields, after_ms: after });
    this.#trouble = undefined;
    this.#logged.clear();
  }

  retried({ code, sign }: StoreFailure): void {
    this.#logger.info("store_retry", { cause: code, sign, ...this.#fields });
  }
}
