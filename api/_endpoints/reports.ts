import * as v from "valibot";
import { ReportsQuery, reports, resolve } from "../../lib/chat/report-list.js";
import { moderatorCaller } from "../../lib/http/authenticate.js";
import { endpoint, noIds, nothing } from "../../lib/http/endpoint.js";
import { bounded } from "../../lib/http/problem.js";
import type { Endpoints } from "../../lib/http/route.js";
import { ReportId } from "../../lib/schema/report.js";

export const endpoints: Endpoints = {
  /** Lists open reports to moderators. Throws `forbidden`, `not_found`. */
  "GET /reports": endpoint({
    who: moderatorCaller,
    path: noIds,
    query: ReportsQuery,
    body: nothing,
    rateLimit: "read",
    run: ({ chat, query }) => reports(chat, query),
    reply: ({ reports, more }) =>
      bounded(`{"reports":[${reports.join(",")}]${more ? ',"more":true' : ""}}`, 200, "application/json"),
  }),
  /** Resolves a report, as a moderator. Throws `forbidden`, `not_found`. */
  "DELETE /reports/:report": endpoint({
    who: moderatorCaller,
    path: { ids: v.object({ report: ReportId }), absent: "not_found" },
    query: nothing,
    body: nothing,
    rateLimit: "send",
    run: ({ chat, path }) => resolve(chat, path.report),
  }),
};
