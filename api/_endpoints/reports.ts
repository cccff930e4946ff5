import * as v from "valibot";
import { Decision, decide } from "../../lib/chat/report-decision.js";
import { ReportsQuery, reports, resolve } from "../../lib/chat/report-list.js";
import { moderatorCaller } from "../../lib/http/authenticate.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import { replyReports } from "../../lib/http/reports-response.js";
import type { Endpoints } from "../../lib/http/route.js";
import { serviceCaller } from "../../lib/http/service-credential.js";
import { ReportId } from "../../lib/schema/report.js";

const ofReport = { ids: v.object({ report: ReportId }), absent: "not_found" } as const;

export const endpoints: Endpoints = {
  /** Lists open reports to moderators. Throws `forbidden`, `not_found`. */
  "GET /reports": endpoint({
    who: moderatorCaller,
    path: noIds,
    query: ReportsQuery,
    body: nothing,
    rateLimit: "read",
    run: ({ chat, query }) => reports(chat, query),
    reply: replyReports,
  }),
  /** Decides on a report, as a moderator. Throws `forbidden`, `not_found`. */
  "POST /reports/:report": endpoint({
    who: moderatorCaller,
    path: ofReport,
    query: nothing,
    body: Decision,
    rateLimit: "send",
    run: ({ chat, path, body, now }) => decide(chat, path.report, body, now),
  }),
  /** Resolves a report, as a moderator. Throws `forbidden`, `not_found`. */
  "DELETE /reports/:report": endpoint({
    who: moderatorCaller,
    path: ofReport,
    query: nothing,
    body: nothing,
    rateLimit: "send",
    run: ({ chat, path }) => resolve(chat, path.report),
  }),
  /** Lists open reports to the host's server. Throws `not_found`. */
  "GET /server/reports": endpoint({
    who: serviceCaller,
    path: noIds,
    query: ReportsQuery,
    body: nothing,
    rateLimit: "server",
    run: ({ chat, query }) => reports(chat, query),
    reply: replyReports,
  }),
  /** Decides on a report, as the host's server. Throws `forbidden`, `not_found`. */
  "POST /server/reports/:report": endpoint({
    who: serviceCaller,
    path: ofReport,
    query: nothing,
    body: Decision,
    rateLimit: "server",
    run: ({ chat, path, body, now }) => decide(chat, path.report, body, now),
  }),
};
