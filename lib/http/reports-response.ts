import type { ReportPage } from "../chat/report-list.js";
import { bounded } from "./problem.js";

/** Responds with a page of open reports, which are JSON already. */
export function replyReports({ reports, more }: ReportPage): Response {
  return bounded(`{"reports":[${reports.join(",")}]${more ? ',"more":true' : ""}}`, 200, "application/json");
}
