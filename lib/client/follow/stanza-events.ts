import type { Deployment } from "../http/deployment.js";
import type { ChatEvent } from "../protocol/chat.js";
import type { Message, Stanza } from "../protocol/stanza.js";
import type { Ledger } from "./continuity.js";
import { reread } from "./resync.js";

type Resync = Extract<Stanza, { type: "resync" }>["resync"];

export type Teller = {
  /** Tells of a stanza; fulfils when that is done. */
  hand(stanza: Stanza): Promise<void>;
  /** Nothing is known any more of what lies between what is held and now. */
  lost(): Promise<void>;
};

/** Makes events of stanzas, and sees that nothing is missing between them. `isNews` knows of what was told otherwise, by id. */
export function tellerOf(
  tell: (event: ChatEvent) => void,
  ledger: Ledger,
  isNews: (id: string) => boolean,
  deployment: Deployment,
  me: () => string | undefined,
): Teller {
  const again = async (thread: string, seq: number) => {
    const messages = await reread(deployment, ledger, thread, seq);
    if (messages === undefined) return false;
    for (const { id } of messages) isNews(id);
    tell({ type: "history", thread, messages });
    return true;
  };
  const resync = async ({ reason, threads }: Resync) => {
    ledger.counts.resyncs += 1;
    if (reason === "epoch") ledger.forget();
    tell({ type: "resync", reason, threads });
    for (const { id, seq } of threads) await again(id, seq);
  };
  const say = async (message: Message) => {
    const standing = ledger.message(message);
    if (standing === "repeat") return;
    // The history has this one, too.
    if (standing === "hole" && (await again(message.thread, message.seq))) return;
    if (isNews(message.id)) tell({ type: "message", message });
  };
  return {
    async hand(stanza) {
      const { type } = stanza;
      if (type === "message") return say(stanza.message);
      if (type === "resync") return resync(stanza.resync);
      if (type === "state") {
        const { thread, entity, state } = stanza.state;
        return tell({ type: "typing", thread, entity, state });
      }
      if (type === "thread") ledger.news(stanza.thread, me());
      if (KNOWN.includes(type)) tell(stanza);
    },
    lost: () => resync({ reason: "epoch", threads: ledger.held().map((id) => ({ id, seq: 0, unread: 0 })) }),
  };
}

// Of another type nothing is told: it is not known here.
const KNOWN = ["presence", "receipt", "delivered", "edit", "retract", "reaction", "thread", "block", "setting"];
