import * as v from "valibot";
import { Fault } from "../fault.js";
import type { Instance } from "../log/instance.js";
import { Count, Json, Texts } from "../store/replies.js";

// A report has a message of up to 16 KiB, and an answer 1 MiB.
const LISTED = 50;

export const ReportsQuery = v.object({ after: v.exactOptional(v.string()) });

/** A page of open reports in JSON, the oldest first; if there are `more`, those after the last one. */
export type ReportPage = { reports: string[]; more: boolean };

/**
 * Lists open reports; those that have ended, which the next report takes off the list, are left out. Throws `not_found` if the one to go on from has been
 * resolved: the list then begins anew.
 */
export async function reports(chat: Instance, { after }: v.InferOutput<typeof ReportsQuery>): Promise<ReportPage> {
  const [ids] = await chat.store.transact(v.tuple([Texts]), (batch) => batch.zrange(chat.keys.reports, 0, -1));
  const start = after === undefined ? 0 : ids.indexOf(after) + 1;
  if (after !== undefined && start === 0) throw new Fault("not_found");
  const page = ids.slice(start, start + LISTED);
  if (page.length === 0) return { reports: [], more: false };
  const [found] = await chat.store.transact(v.tuple([v.array(v.nullable(Json))]), (batch) =>
    batch.mget(page.map(chat.keys.report)),
  );
  const open = found.flatMap((it) => it ?? []);
  const more = start + LISTED < ids.length;
  // A page without a report would not say where the next one begins.
  return open.length === 0 && more ? reports(chat, { after: page.at(-1) ?? "" }) : { reports: open, more };
}

// Forgets a report with what it keeps. KEYS: report, reports. ARGV: report id. Returns: how many there were.
const RESOLVE = `
redis.call('DEL', KEYS[1])
return redis.call('ZREM', KEYS[2], ARGV[1])
`;

/** Resolves a report: nothing of it is kept. Throws `not_found` for one that is not open. */
export async function resolve(chat: Instance, id: string): Promise<void> {
  const gone = await chat.store.runScript(RESOLVE, Count, [chat.keys.report(id), chat.keys.reports], [id]);
  if (gone === 0) throw new Fault("not_found");
}
