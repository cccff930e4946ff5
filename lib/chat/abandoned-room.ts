import * as v from "valibot";
import type { Instance } from "../log/instance.js";
import { Count } from "../store/replies.js";
import { PART } from "./archive.js";
import { discardFiles } from "./file-record.js";

// Removes what there is of a room that nobody is in any more. KEYS: members, tips, then every other key of the room. ARGV: thread id.
// Returns: 1, or 0 if somebody is in it.
const REMOVE = `
local members, tips, id = KEYS[1], KEYS[2], ARGV[1]
if redis.call('ZCARD', members) > 0 then return 0 end
redis.call('ZREM', tips, id)
for i = 3, #KEYS do redis.call('DEL', KEYS[i]) end
return 1
`;

const Range = v.tuple([v.tuple([v.nullable(Count), v.nullable(Count)]), v.array(v.string())]);

/** Removes a room that everybody has left, with its messages and invites: nobody can read them, and its id is free again. */
export async function removeAbandoned(chat: Instance, id: string): Promise<void> {
  const { keys } = chat;
  const [[first, last], files] = await chat.store.transact(Range, (batch) => {
    batch.hmget(keys.thread(id), "first", "seq");
    batch.smembers(keys.threadFiles(id));
  });
  await discardFiles(chat, id, "", files);
  const [oldest, newest] = [first ?? 1, last ?? 0].map((seq) => Math.floor((seq - 1) / PART));
  const lists: string[] = [];
  for (let part = oldest ?? 0; part <= (newest ?? 0); part++) lists.push(keys.messages(id, part));
  await chat.store.runScript(
    REMOVE,
    Count,
    [
      ...[keys.members(id), keys.tips(id), keys.thread(id), keys.events(id), keys.reads(id)],
      ...[keys.reactions(id), keys.invites(id), keys.threadFiles(id), ...lists],
    ],
    [id],
  );
}
