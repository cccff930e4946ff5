import * as v from "valibot";
import type { Told } from "./history.js";

const Message = v.object({
  thread: v.string(),
  seq: v.number(),
  id: v.string(),
  sender: v.exactOptional(v.object({ id: v.string() })),
  text: v.exactOptional(v.string(), ""),
  retracted: v.exactOptional(v.string()),
});
const Change = v.looseObject({
  id: v.string(),
  action: v.string(),
  by: v.exactOptional(v.string()),
  entities: v.exactOptional(v.array(v.string())),
});
const Presence = v.array(v.object({ entity: v.string(), available: v.boolean(), status: v.exactOptional(v.string()) }));
const Resync = v.object({ reason: v.string(), threads: v.array(v.object({ id: v.string(), seq: v.number() })) });
const Deed = v.looseObject({ thread: v.string(), entity: v.string(), seq: v.exactOptional(v.number()) });

const Stanza = v.variant("type", [
  v.object({ type: v.literal("message"), message: Message }),
  v.object({ type: v.literal("thread"), thread: Change }),
  v.object({ type: v.literal("presence"), presence: Presence }),
  v.object({ type: v.literal("resync"), resync: Resync }),
  v.object({ type: v.literal("state"), state: Deed }),
  v.object({ type: v.literal("receipt"), receipt: Deed }),
  v.object({ type: v.literal("edit"), edit: Deed }),
  v.object({ type: v.literal("retract"), retract: Deed }),
  v.object({ type: v.literal("reaction"), reaction: Deed }),
]);

/** Takes out of a stanza what the history keeps of it. Throws what is no stanza that these clients can have been told. */
export function tell(json: unknown): Told {
  const it = v.parse(Stanza, json);
  switch (it.type) {
    case "message": {
      const { thread, seq, id, sender, text, retracted } = it.message;
      // Every text begins with its message's id: so a mix-up shows. A tombstone has none, and no sender.
      const isTombstone = retracted !== undefined && sender === undefined && text === "";
      if (!isTombstone && !text.startsWith(id)) throw new Error(`the text of ${id} is another's`);
      const said = { type: it.type, thread, seq, id, key: `message ${seq} ${id}` };
      return sender === undefined ? said : { ...said, by: sender.id };
    }
    case "thread": {
      const { id: thread, action, entities } = it.thread;
      // Of a leaving long ago only this much is known.
      const bare = action === "removed" && entities === undefined;
      const known = { type: it.type, thread, action, key: bare ? "removed" : `thread ${JSON.stringify(it.thread)}` };
      return entities === undefined ? known : { ...known, entities };
    }
    case "presence":
      return { type: it.type, presence: it.presence };
    case "resync":
      return { type: it.type, ...it.resync };
    case "state":
      return { type: it.type, thread: it.state.thread };
    case "receipt": {
      const { thread, seq = 0, entity } = it.receipt;
      return { type: it.type, thread, seq, by: entity, key: `receipt ${entity} ${seq}` };
    }
    case "edit":
      return deed(it.type, it.edit);
    case "retract":
      return deed(it.type, it.retract);
    case "reaction":
      return deed(it.type, it.reaction);
  }
}

function deed(type: string, it: v.InferOutput<typeof Deed>): Told {
  // The order of the fields says nothing: what an edit left in memory and what the archive has may differ in it.
  const fields = Object.entries(it).sort(([a], [b]) => (a < b ? -1 : 1));
  return { type, thread: it.thread, by: it.entity, key: `${type} ${JSON.stringify(Object.fromEntries(fields))}` };
}
