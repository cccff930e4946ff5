import { mkdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { free } from "./port.js";
import { type Program, start } from "./program.js";

/** How much had been written when: what a store is put back to. */
export type Snapshot = { bytes: number; at: number };

/**
 * A redis-server that keeps what it acknowledged. `appendfsync always`: with `everysec` Redis may answer up to two seconds
 * before it writes, when the disk is slow, and a SIGKILL would take what was acknowledged.
 */
export class Store {
  readonly url: string;
  readonly #folder: string;
  readonly #port: number;
  #program: Program | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async open(folder: string): Promise<Store> {
    await mkdir(folder, { recursive: true });
    const store = new Store(folder, await free());
    await store.start();
    return store;
  }

  async start(): Promise<void> {
    const settings = {
      ...{ port: `${this.#port}`, bind: "127.0.0.1", dir: this.#folder, save: "", databases: "1" },
      // Never rewritten: so every older state is a beginning of the one file.
      ...{ appendonly: "yes", appendfsync: "always", "auto-aof-rewrite-percentage": "0" },
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    this.#program = await start("redis-server", args, {}, /(Ready to accept connections)/);
  }

  freeze(on: boolean): void {
    this.#program?.freeze(on);
  }

  async kill(): Promise<void> {
    await this.#program?.kill();
  }

  crashed(): boolean {
    return this.#program?.crashed() ?? false;
  }

  /** Notes the present state. */
  async snapshot(): Promise<Snapshot> {
    const at = Date.now();
    return { bytes: (await stat(this.#log)).size, at };
  }

  /** Puts an older state in place of the present one, of a store that does not run. */
  async restore({ bytes }: Snapshot): Promise<void> {
    await truncate(this.#log, bytes);
  }

  get #log(): string {
    return join(this.#folder, "appendonlydir", "appendonly.aof.1.incr.aof");
  }
}
