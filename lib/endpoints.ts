import { endpoints as actors } from "../api/_endpoints/actors.js";
import { endpoints as blocks } from "../api/_endpoints/blocks.js";
import { endpoints as cron } from "../api/_endpoints/cron.js";
import { endpoints as files } from "../api/_endpoints/files.js";
import { endpoints as friends } from "../api/_endpoints/friends.js";
import { endpoints as health } from "../api/_endpoints/health.js";
import { endpoints as legacy } from "../api/_endpoints/legacy.js";
import { endpoints as memberships } from "../api/_endpoints/memberships.js";
import { endpoints as metrics } from "../api/_endpoints/metrics.js";
import { endpoints as moderation } from "../api/_endpoints/moderation.js";
import { endpoints as previews } from "../api/_endpoints/previews.js";
import { endpoints as push } from "../api/_endpoints/push.js";
import { endpoints as reports } from "../api/_endpoints/reports.js";
import { endpoints as search } from "../api/_endpoints/search.js";
import { endpoints as send } from "../api/_endpoints/send.js";
import { endpoints as server } from "../api/_endpoints/server.js";
import { endpoints as setup } from "../api/_endpoints/setup.js";
import { endpoints as stream } from "../api/_endpoints/stream.js";
import { endpoints as threads } from "../api/_endpoints/threads.js";
import { endpoints as token } from "../api/_endpoints/token.js";
import { endpoints as deadLetters } from "../api/_endpoints/webhooks.js";

/** What every chat answers to, family by family. */
export const ENDPOINTS = {
  ...token,
  ...setup,
  ...stream,
  ...send,
  ...threads,
  ...actors,
  ...blocks,
  ...cron,
  ...search,
  ...previews,
  ...files,
  ...push,
  ...reports,
  ...friends,
  ...health,
  ...legacy,
  ...server,
  ...memberships,
  ...deadLetters,
  ...metrics,
  ...moderation,
} as const;
