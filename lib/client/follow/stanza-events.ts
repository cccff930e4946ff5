import type { ChatEvent } from "../protocol/chat.js";
import type { Message, Stanza } from "../protocol/stanza.js";
import type { ContinuityTracker } from "./continuity.js";

type Resync = Extract<Stanza, { type: "resync" }>["resync"];

export type StanzaEvents = {
  /** Emits the events of a stanza; resolves when all have been emitted. */
  handle(stanza: Stanza): Promise<void>;
  /** The cursor is no longer valid: reads the history of every thread that the page holds. */
  lost(): Promise<void>;
};

/**
 * Turns stanzas into events, and fills gaps from the history. `isNew` tells, by id, whether a message has not been emitted by other
 * means, such as its acknowledgement. `readHistory` reads the current history of a thread, as far back as the page holds it.
 */
export function stanzaEvents(
  emit: (event: ChatEvent) => void,
  tracker: ContinuityTracker,
  isNew: (id: string) => boolean,
  readHistory: (thread: string, seq: number) => Promise<Message[] | undefined>,
  me: () => string | undefined,
): StanzaEvents {
  const reload = async (thread: string, seq: number) => {
    const messages = await readHistory(thread, seq);
    if (messages === undefined) return false;
    // Marks each message as delivered.
    for (const { id } of messages) isNew(id);
    emit({ type: "history", thread, messages });
    return true;
  };
  const resync = async ({ reason, threads }: Resync) => {
    tracker.counts.resyncs += 1;
    if (reason === "epoch") tracker.onEpoch();
    emit({ type: "resync", reason, threads });
    for (const { id, seq } of threads) await reload(id, seq);
  };
  const receive = async (message: Message) => {
    const succession = tracker.onMessage(message);
    if (succession === "repeat") return;
    // The history includes this message.
    if (succession === "hole" && (await reload(message.thread, message.seq))) return;
    if (isNew(message.id)) emit({ type: "message", message });
  };
  return {
    async handle(stanza) {
      const { type } = stanza;
      if (type === "message") return receive(stanza.message);
      if (type === "resync") return resync(stanza.resync);
      if (type === "state") {
        const { thread, entity, state } = stanza.state;
        return emit({ type: "typing", thread, entity, state });
      }
      if (type === "thread") tracker.onThread(stanza.thread, me());
      if (KNOWN.includes(type)) emit(stanza);
    },
    lost: () => resync({ reason: "epoch", threads: tracker.threads().map((id) => ({ id, seq: 0, unread: 0 })) }),
  };
}

// Stanzas of any other type come from a newer deployment, and are skipped.
const KNOWN = ["presence", "receipt", "delivered", "edit", "retract", "reaction", "thread", "block", "setting"];
