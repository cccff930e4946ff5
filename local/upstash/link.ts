import { createClient, RESP_TYPES } from "redis";

/** A command as Redis takes it: the name first. */
export type Command = readonly string[];

/** One RESP connection, shared by all requests, in order. */
export type Link = {
  /** Runs one command. With `binary`, strings come as buffers. Rejects at once while Redis is away. */
  run(command: Command, binary: boolean): Promise<unknown>;
  /** Runs MULTI, the commands and EXEC with nothing of anybody else in between. */
  transact(commands: readonly Command[], binary: boolean): Promise<unknown>;
  close(): void;
};

/** Connects to Redis and keeps reconnecting. Returns after the first attempt, whatever became of it. */
export async function link(url: string): Promise<Link> {
  const client = createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    // A Redis that says nothing for 5 s is away, even if the socket has not noticed.
    pingInterval: 2_000,
    socket: { connectTimeout: 1_000, socketTimeout: 5_000, reconnectStrategy: (tries) => Math.min(20 * tries, 250) },
  });
  const attempted = new Promise<void>((resolve) => {
    client.once("ready", () => resolve());
    client.on("error", () => resolve());
  });
  client.connect().catch(() => {});
  await attempted;
  const send = (command: Command, binary: boolean, chainId?: symbol) =>
    client.sendCommand<unknown>(command, {
      ...(binary ? BINARY : undefined),
      ...(chainId === undefined ? undefined : { chainId }),
    });
  return {
    run: (command, binary) => send(command, binary),
    transact(commands, binary) {
      const chain = Symbol("transaction");
      // Without an await in between, the queue of the client gets them in one piece.
      for (const command of [["MULTI"], ...commands]) send(command, binary, chain).catch(() => {});
      return send(["EXEC"], binary, chain);
    },
    close: () => client.destroy(),
  };
}

const BINARY = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };
