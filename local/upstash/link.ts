import { createClient, ErrorReply, RESP_TYPES } from "redis";

/** A command as Redis expects it: the name first. */
export type Command = readonly string[];

/** One RESP connection, shared by all requests, in order. */
export type Link = {
  /** Runs one command. With `binary`, strings are returned as buffers. Rejects at once while Redis is unreachable. */
  run(command: Command, binary: boolean): Promise<unknown>;
  /** Runs MULTI, the commands and EXEC, with no other command in between. */
  transact(commands: readonly Command[], binary: boolean): Promise<unknown>;
  close(): void;
};

/** Connects to Redis, and reconnects when the connection is lost. Resolves after the first attempt, even if that failed. */
export async function link(url: string): Promise<Link> {
  const client = createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    // A Redis that is silent for 5 s is unreachable, even if the socket is still open.
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
    async transact(commands, binary) {
      const chain = Symbol("transaction");
      const refused: unknown[] = [];
      // Without an await in between, the client queues them next to each other.
      for (const command of [["MULTI"], ...commands]) {
        send(command, binary, chain).catch((error) => refused.push(error));
      }
      // EXEC says no more than that some command was refused. A full Redis refuses all of them, those that read as well.
      return send(["EXEC"], binary, chain).catch((error) => {
        const reason = refused.find((it) => it instanceof ErrorReply);
        if (!(error instanceof ErrorReply) || reason === undefined) throw error;
        throw new ErrorReply(`EXECABORT Transaction discarded because of: ${reason.message}`);
      });
    },
    close: () => client.destroy(),
  };
}

const BINARY = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };
