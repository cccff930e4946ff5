import { type Backend, backend } from "./backend.js";
import { type Metered, Traffic } from "./meter.js";
import { end, idOf, saidBy, start } from "./program.js";
import type { Sample } from "./sample.js";
import { takeSample } from "./site.js";

/** Something that carries messages, under measurement. */
export type Subject = Metered & {
  /** Lets somebody in who follows from then on, and hears the text of each message to them. */
  connect(name: string, hear: (text: string) => void): Promise<Person>;
  /** Asks the probe, if the server was started with it, what the process holds. */
  sample(): Promise<Sample>;
  stop(): Promise<void>;
};

export type Person = {
  readonly id: string;
  /** Says something to a person, by id, or in a room; fulfilled when that is acknowledged. */
  say(to: To, text: string): Promise<void>;
  /** Makes a room with others, by their ids, and returns its id. */
  gather(others: readonly string[]): Promise<string>;
  /** Follows a room, where whoever was brought in has to do that. */
  join(room: string): void;
  close(): void;
};

export type To = { person: string } | { room: string };

/** Where a subject listens, and where what is asked of it is counted. */
export type Place = { origin: string; traffic: Traffic };

export type Options = { environment?: Record<string, string>; flags?: readonly string[] };

/** Starts a server on a backend of its own, or on one that others use, too. */
export async function serve(
  program: string,
  says: RegExp,
  connect: (place: Place, name: string, hear: (text: string) => void) => Promise<Person>,
  { environment = {}, flags = [] }: Options = {},
  shared?: Backend,
): Promise<Subject> {
  const store = shared ?? (await backend());
  const server = start(program, { ...store.environment, ...environment }, flags);
  const origin = (await saidBy(server, says)).replace("localhost", "127.0.0.1");
  const traffic = new Traffic();
  return {
    pids: { server: idOf(server), ...store.pids },
    backend: store,
    traffic,
    connect: (name, hear) => connect({ origin, traffic }, name, hear),
    sample: () => takeSample(server),
    async stop() {
      await end(server);
      if (shared === undefined) await store.stop();
    },
  };
}
