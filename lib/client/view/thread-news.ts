import type { Thread, ThreadNews } from "../protocol/stanza.js";
import type { Conversation } from "./conversation.js";

/** Whether the user is no longer a member. */
export function removesMe({ action, entities = [] }: ThreadNews, me: string | undefined): boolean {
  return isRemoval(action) && me !== undefined && entities.includes(me);
}

/** Applies a change of the subject, a role or the members. */
export function applyThreadNews(it: Conversation, news: ThreadNews, me: string | undefined): Conversation {
  const { thread } = it;
  const { action, entities = [], role, subject } = news;
  if (action === "subject") return { ...it, thread: { ...thread, subject: subject ?? "" } };
  if (action === "slow" || action === "history") return { ...it, thread: withRule(thread, news) };
  if (action === "role" && typeof role === "string") {
    const members = thread.members.map((member) => (entities.includes(member.entity) ? { ...member, role } : member));
    // Above 100 members, the user may not be among those that are known.
    const missing = me !== undefined && entities.includes(me) && !members.some(({ entity }) => entity === me);
    const own = missing ? [{ entity: me, role, read: it.read }] : [];
    return { ...it, thread: { ...thread, members: [...members, ...own] } };
  }
  const present = new Set(thread.members.map(({ entity }) => entity));
  const added = action === "added" ? entities.filter((entity) => !present.has(entity)) : [];
  const removed = isRemoval(action) ? entities.filter((entity) => present.has(entity)) : [];
  const remaining = thread.members.filter(({ entity }) => !removed.includes(entity));
  const joined = added.map((entity) => ({ entity, role: "member" as const, read: thread.seq }));
  const memberCount = thread.memberCount + added.length - removed.length;
  return { ...it, thread: { ...thread, memberCount, members: [...remaining, ...joined] } };
}

/** Sets the pace of a thread, or what its members read of the time before them; a thread without such a rule does not name it. */
function withRule(thread: Thread, { action, slow, history }: ThreadNews): Thread {
  if (action === "slow") {
    const { slow: _, ...rest } = thread;
    return slow ? { ...rest, slow } : rest;
  }
  const { history: _, ...rest } = thread;
  return history === "joined" ? { ...rest, history } : rest;
}

function isRemoval(action: ThreadNews["action"]): boolean {
  return action === "removed" || action === "left";
}
