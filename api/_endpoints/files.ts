import * as v from "valibot";
import { address } from "../../lib/http/address.js";
import { anonymous, anyCaller } from "../../lib/http/authenticate.js";
import { endpoint, json, noIds, nothing } from "../../lib/http/endpoint.js";
import { GENERAL_HEADERS } from "../../lib/http/problem.js";
import type { Endpoints } from "../../lib/http/route.js";
import { describeError } from "../../lib/logger.js";
import { FileId, FilesQuery, NewFile, TicketQuery } from "../../lib/schema/file.js";

// A record, and what it may cost the storage.
const COST = 3;
// Of each file its record and its message are read.
const READ_AT_COST = 5;
// Each upload that is granted removes more files than it can add, so that none wait for long.
const SWEPT = 3;

const ids = v.object({ id: FileId });

export const endpoints: Endpoints = {
  /** Grants an upload. Throws `not_found`, `too_large`, `thread_not_found`, `cannot_send`. */
  "POST /files": endpoint({
    who: anyCaller,
    path: noIds,
    query: nothing,
    body: NewFile,
    rateLimit: "send",
    weight: () => COST,
    async run({ chat, caller, body, request, now }) {
      const [{ grantUpload }, { sweepFiles }] = await Promise.all([
        import("../../lib/chat/upload.js"),
        import("../../lib/chat/file-sweep.js"),
      ]);
      const granted = await grantUpload(chat, caller, body, address(request), now);
      // What cannot be removed now waits for the next upload.
      await sweepFiles(chat, SWEPT, now).catch((error) => chat.logger.error("sweep_failed", describeError(error)));
      return granted;
    },
    reply: (granted) => json(granted, 201),
  }),

  /** Says what files are taken, and signs the URLs of some. Where none are kept that is no failure, since each page asks. */
  "GET /files": endpoint({
    who: anyCaller,
    path: noIds,
    query: FilesQuery,
    lists: ["id"],
    body: nothing,
    rateLimit: "read",
    weight: (_, { id }) => Math.max(1, Math.ceil(id.length / READ_AT_COST)),
    async run({ chat, caller, query, now }) {
      if (chat.storage === undefined) return { max: 0, types: [], files: [] };
      const { signFiles } = await import("../../lib/chat/file-access.js");
      const { max, types } = chat.config.files;
      return { max, types, files: await signFiles(chat, caller, query.id, now) };
    },
  }),

  /** Leads to a file. Throws `not_found`. */
  "GET /files/:id": endpoint({
    who: anyCaller,
    path: { ids, absent: "not_found" },
    query: nothing,
    body: nothing,
    rateLimit: "read",
    async run({ chat, caller, path, now }) {
      const { signFile } = await import("../../lib/chat/file-access.js");
      return signFile(chat, caller, path.id, now);
    },
    reply: ({ url }) => new Response(null, { status: 302, headers: { ...GENERAL_HEADERS, Location: url } }),
  }),

  /** Takes a file, where this deployment keeps them in a folder. Throws `not_found`, `forbidden`. */
  "PUT /files/:id/content": endpoint({
    who: anonymous,
    path: { ids, absent: "not_found" },
    query: TicketQuery,
    body: nothing,
    async run({ chat, path, query, request, now }) {
      const { receiveFile } = await import("../../lib/http/stored-file.js");
      return receiveFile(chat, { ...path, ...query }, request, now);
    },
    reply: (response) => response,
  }),

  /** Serves a file, where this deployment keeps them in a folder. Throws `not_found`, `forbidden`. */
  "GET /files/:id/content": endpoint({
    who: anonymous,
    path: { ids, absent: "not_found" },
    query: TicketQuery,
    body: nothing,
    async run({ chat, path, query, request, now }) {
      const { serveFile } = await import("../../lib/http/stored-file.js");
      return serveFile(chat, { ...path, ...query }, request, now);
    },
    reply: (response) => response,
  }),
};
