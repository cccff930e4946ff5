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
      return send(["EXEC"], binary, chain).catch(async (error) => {
        // EXEC says no more than that some command was refused.
        const reason = refused.find((it) => it instanceof ErrorReply);
        if (!(error instanceof ErrorReply) || reason === undefined) throw error;
        const discarded = new ErrorReply(`EXECABORT Transaction discarded because of: ${reason.message}`);
        if (!reason.message.startsWith("OOM")) throw discarded;
        // A full Redis refuses whatever comes after MULTI. What only reads is run by a script, which is as atomic.
        return send(readOnly(commands), binary).catch(() => Promise.reject(discarded));
      });
    },
    close: () => client.destroy(),
  };
}

// ARGV: of each command the number of its words, then those. A command that writes ends the script, which has written nothing then.
const READ_ALL = `
local replies, at = {}, 1
while at <= #ARGV do
  local words = tonumber(ARGV[at])
  replies[#replies + 1] = redis.call(unpack(ARGV, at + 1, at + words))
  at = at + 1 + words
end
return replies`;

/** Formats the command that runs others which only read, in a script. */
function readOnly(commands: readonly Command[]): Command {
  return ["EVAL_RO", READ_ALL, "0", ...commands.flatMap((words) => [`${words.length}`, ...words])];
}

const BINARY = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };
