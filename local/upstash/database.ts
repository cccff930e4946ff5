import { ErrorReply } from "redis";
import { type Command, link } from "./link.js";
import { isRead, replica } from "./replica.js";
import { scripts } from "./script.js";

/** The database behind the REST API: Redis, with Upstash's script syntax and, optionally, a replica that lags. */
export type Database = {
  /** Runs one command; an error of Redis is a reply as well (`ErrorReply`). Rejects when Redis is unreachable. */
  run(command: Command, binary: boolean): Promise<unknown>;
  /** Runs commands as one transaction, always on the primary. */
  transact(commands: readonly Command[], binary: boolean): Promise<unknown>;
  stop(): Promise<void>;
};

/** Opens a database. With `lagMs`, plain reads are served from a copy that lags by so much. */
export async function database(url: string, lagMs: number | undefined): Promise<Database> {
  const translate = scripts();
  const primary = await link(url);
  const copy = lagMs === undefined ? undefined : await replica(lagMs);
  return {
    run(sent, binary) {
      if (copy !== undefined && isRead(sent)) return copy.run(sent, binary).catch(asReply);
      const { command, reply } = translate(sent);
      return primary
        .run(command, binary)
        .catch(asReply)
        .then((answer) => {
          copy?.replay(command);
          return reply === undefined || answer instanceof ErrorReply ? answer : reply;
        });
    },
    async transact(sent, binary) {
      const translations = sent.map(translate);
      const commands = translations.map(({ command }) => command);
      const answers = await primary.transact(commands, binary).catch(asReply);
      if (!Array.isArray(answers)) return answers;
      for (const command of commands) copy?.replay(command);
      return answers.map((answer, i) => translations[i]?.reply ?? answer);
    },
    async stop() {
      primary.close();
      await copy?.stop();
    },
  };
}

function asReply(error: unknown): ErrorReply {
  if (error instanceof ErrorReply) return error;
  throw error;
}
