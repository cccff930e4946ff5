import * as v from "valibot";
import type { ChatContext } from "../../lib/http/chat-context.js";
import { patternOf } from "../../lib/store/keys.js";

const Names = v.tuple([v.array(v.string())]);

/** Reads every key of a chat with all that is in it, whatever its type; of one that ends meanwhile nothing. */
export async function dump({ store, keys }: Pick<ChatContext, "store" | "keys">): Promise<Map<string, string>> {
  const [names] = await store.transact(Names, (batch) => batch.keys(patternOf(keys)));
  const types = await store.transact(v.array(v.string()), (batch) => {
    for (const name of names) batch.type(name);
    batch.type("none");
  });
  const contents = await store.transact(v.array(v.unknown()), (batch) => {
    for (const [i, name] of names.entries()) {
      if (types[i] === "string") batch.get(name);
      else if (types[i] === "hash") batch.hgetall(name);
      else if (types[i] === "list") batch.lrange(name, 0, -1);
      else if (types[i] === "set") batch.smembers(name);
      else if (types[i] === "zset") batch.zrange(name, 0, -1, { withScores: true });
      else if (types[i] === "stream") batch.xrange(name, "-", "+");
      else if (types[i] === "none") batch.type(name);
      else throw new Error(`Cannot read ${name}, a ${types[i]}`);
    }
    batch.type("none");
  });
  return new Map(names.map((name, i) => [name, JSON.stringify(contents[i])]));
}
