import type * as v from "valibot";
import { BansQuery } from "../../lib/auth/ban.js";
import { BlocksQuery } from "../../lib/chat/block.js";
import { AnyHistoryQuery, HistoryQuery } from "../../lib/chat/history.js";
import { MembersQuery } from "../../lib/chat/member-list.js";
import { ReportsQuery } from "../../lib/chat/report-list.js";
import { SearchQuery } from "../../lib/chat/search-query.js";
import { ListQuery } from "../../lib/chat/thread-list.js";
import type { FaultCode } from "../../lib/fault.js";
import { DeadLettersQuery } from "../../lib/hooks/dead-letters.js";
import { CronQuery } from "../../lib/http/cron-query.js";
import { AnyMembersQuery, As, OfUser, UserThreadsQuery } from "../../lib/http/server-query.js";
import { ActorsQuery } from "../../lib/people/profiles.js";
import { ProfilesQuery } from "../../lib/people/written-profile.js";
import { FriendsQuery } from "../../lib/presence/friends.js";
import { ExportQuery } from "../../lib/privacy/data-request.js";
import { FilesQuery, TicketQuery } from "../../lib/schema/file.js";
import { RoomsQuery } from "../../lib/schema/room-query.js";
import { StreamQuery } from "../../lib/stream/follow.js";

/** Who may ask: anybody, the host's server, a moderator or the host's server, a session, a session or nobody, a session or a chat token, or whoever has the token in the path. */
type Who = "anybody" | "server" | "staff" | "session" | "session or nobody" | "caller" | "token in path";

type Query = { schema: { entries: Record<string, v.GenericSchema> }; says: Record<string, string> };

export type Endpoint = {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** Below `/nereid-chat`, its parameters in braces. */
  path: string;
  name: string;
  summary: string;
  description?: string;
  who: Who;
  query?: Query;
  /** The components that its body may be. */
  body?: { schema: string; optional?: true; form?: true };
  /** Its body is a file. */
  takesBytes?: true;
  /** Which component each status brings, or that it brings a file; none for a status without a body. */
  answers: Record<number, { says: string; schema?: string; bytes?: true; cookie?: true }>;
  /** The problems that are particular to it; the others follow from the rest. */
  problems?: FaultCode[];
  /** Not answered by a function. */
  file?: string;
  eventStream?: true;
  /** What its answer is, where that is not JSON. */
  text?: string;
  unrationed?: true;
};

/** Says what each parameter of a query means; one that is missing does not compile. */
function query<Entries extends Record<string, v.GenericSchema>>(
  schema: { entries: Entries },
  says: Record<keyof Entries & string, string>,
): Query {
  return { schema, says };
}

const STREAM = {
  summary: "What happened after a cursor, now or as soon as something does",
  description:
    "Long-poll: returns at once when there is something, else when something comes or the wait is over. Ask again with the `cursor` of the answer. Reading destroys nothing: the same cursor gives the same again. With `Accept: text/event-stream` the same bounded answer comes as events, for a browser's EventSource; 429, 500, 503 and 507 are then a 200 with one event named `problem`.",
  query: query(StreamQuery, {
    cursor:
      "Where to go on: the cursor of an earlier answer. Without one: where this credential's last cursorless answer ended, else the token's birth, else now",
    wait: "Seconds to hold an empty answer, 25 unless told, cut at 55",
    limit: "Stanzas, cut at 100",
    delivered:
      "`1`: stanzas `delivered` come, too, which say up to where the others of direct threads have received them",
    live: "`1` with `Accept: text/event-stream` over HTTP/1.1: the body is held open, and events are written as they come",
  }),
  answers: { 200: { says: "What happened", schema: "StreamAnswer" } },
  problems: ["bad_cursor", "origin_not_allowed", "storage_full"],
  eventStream: true,
} as const;

const SEND = {
  summary: "Sends one stanza, or an envelope of up to 20",
  description:
    "Done in order up to the first that fails; its problem then carries the `results` of those before it and its index, `failed`. Messages are idempotent by `id`, so the same can be sent again after no answer.",
  body: { schema: "Sending" },
  answers: { 200: { says: "What became of each stanza", schema: "SendAnswer" } },
  problems: [
    "no_recipient",
    "unsupported_stanza",
    "not_a_contact",
    "forbidden",
    "cannot_send",
    "refused",
    "thread_not_found",
    "thread_conflict",
    "message_not_found",
    "id_conflict",
    "slow_mode",
  ],
} as const;

const FRIENDS = {
  method: "get",
  who: "caller",
  answers: { 200: { says: "At most 200 of them", schema: "Friends" } },
} as const;

const AS =
  "As whom: a user, who need not have been seen before. Without it, as the system, which may do in every thread what an owner may";

/** What the host's server may ask, with a service credential. */
const SERVER: readonly Endpoint[] = [
  {
    ...SEND,
    problems: [...SEND.problems],
    method: "post",
    path: "/server/send",
    name: "sendAs",
    summary: "Sends stanzas as any user or as the system",
    who: "server",
    query: query(As, { as: AS }),
  },
  {
    method: "get",
    path: "/server/threads",
    name: "listThreadsOf",
    summary: "Lists the threads of a user",
    who: "server",
    query: query(UserThreadsQuery, {
      as: AS,
      limit: "Threads, 50 unless told, cut at 100",
      before: "Those after the thread with this id in the list, or last active before this time",
      only: "Those that are `hidden`, which are not listed otherwise, or the `pinned` ones",
    }),
    answers: { 200: { says: "A page of them, latest activity first", schema: "Threads" } },
    problems: ["thread_not_found"],
  },
  {
    method: "post",
    path: "/server/threads",
    name: "makeThreadAs",
    summary: "Finds or makes a thread, which the user then owns; a room with an `id` only once",
    who: "server",
    query: query(As, { as: AS }),
    body: { schema: "NewThread" },
    answers: {
      200: { says: "It was there", schema: "Thread" },
      201: { says: "It was made", schema: "Thread" },
    },
    problems: ["forbidden", "thread_conflict"],
  },
  {
    method: "get",
    path: "/server/threads/{id}",
    name: "readAnyThread",
    summary: "Reads any thread, or one as a member sees it",
    who: "server",
    query: query(As, { as: AS }),
    answers: { 200: { says: "The thread", schema: "Thread" } },
    problems: ["thread_not_found"],
  },
  {
    method: "patch",
    path: "/server/threads/{id}",
    name: "changeAnyThread",
    summary: "Changes members, roles, bans, history and the subject of any room; all of it or nothing",
    who: "server",
    query: query(As, { as: AS }),
    body: { schema: "ThreadChange" },
    answers: { 204: { says: "It is so now" } },
    problems: ["forbidden", "thread_not_found"],
  },
  {
    method: "delete",
    path: "/server/threads/{id}",
    name: "deleteThread",
    summary: "Deletes a thread with all that belongs to it",
    description: "The streams of its members say that they were removed. Its id is free again.",
    who: "server",
    answers: { 204: { says: "It is gone, or was before" } },
    problems: ["thread_not_found"],
  },
  {
    method: "get",
    path: "/server/threads/{id}/members",
    name: "listAnyMembers",
    summary: "Lists the members of any thread in the order in which they joined, in pages",
    who: "server",
    query: query(AnyMembersQuery, {
      as: AS,
      after: "Those after this position: the `after` of an earlier page",
      limit: "Members, 100 unless told, cut at 100",
    }),
    answers: { 200: { says: "A page of members", schema: "Members" } },
    problems: ["thread_not_found"],
  },
  {
    method: "get",
    path: "/server/threads/{id}/messages",
    name: "readAnyHistory",
    summary: "Reads a page of any thread's history",
    who: "server",
    query: query(AnyHistoryQuery, {
      as: AS,
      before: "Messages below this seq, the newest of them",
      after: "Messages above this seq, the oldest of them",
      around: "The message with this seq or id, and those before and after it; without `before` and `after`",
      limit: "Messages, 50 unless told, cut at 100; a page ends before 1 MiB",
    }),
    answers: { 200: { says: "The page, and the range that is kept", schema: "Page" } },
    problems: ["thread_not_found"],
  },
  {
    method: "get",
    path: "/server/profiles",
    name: "readProfiles",
    summary: "Describes any users",
    who: "server",
    query: query(ProfilesQuery, { ids: "Whom to describe, up to 100; repeated for each" }),
    answers: { 200: { says: "Those of them who have a description", schema: "Actors" } },
  },
  {
    method: "post",
    path: "/server/profiles",
    name: "writeProfile",
    summary: "Writes the whole description of a user, without a session",
    who: "server",
    body: { schema: "Profile" },
    answers: { 200: { says: "The description as it is now", schema: "Actor" } },
  },
  {
    method: "delete",
    path: "/server/presence",
    name: "makeUnavailable",
    summary: "Makes a user appear offline until the user's next presence stanza",
    who: "server",
    query: query(OfUser, { entity: "The user" }),
    answers: { 204: { says: "The contacts are told" } },
  },
  {
    method: "delete",
    path: "/server/tokens",
    name: "revokeTokensOf",
    summary: "Revokes all chat tokens of a user",
    who: "server",
    query: query(OfUser, { entity: "The user" }),
    answers: { 204: { says: "They are gone" } },
  },
  {
    method: "post",
    path: "/server/threads/{id}/import",
    name: "importMessages",
    summary: "Adds old messages to a thread, with their ids, times and senders",
    description: "Those whose id the thread has already are left out. Streams of members get a `resync`.",
    who: "server",
    body: { schema: "Import" },
    answers: { 200: { says: "How many were added, and how many were there before", schema: "ImportResult" } },
    problems: ["thread_not_found"],
  },
  {
    method: "get",
    path: "/metrics",
    name: "metrics",
    summary: "What the instance that answers has counted, as Prometheus reads it",
    who: "server",
    answers: { 200: { says: "The text format 0.0.4" } },
    text: "text/plain",
  },
  {
    method: "get",
    path: "/server/reports",
    name: "listReportsForServer",
    summary: "Lists the open reports, the oldest first",
    who: "server",
    query: query(ReportsQuery, { after: "Those after this one in the list" }),
    answers: { 200: { says: "At most 50, each with the message as it was", schema: "Reports" } },
    problems: ["not_found"],
  },
  {
    method: "post",
    path: "/server/reports/{report}",
    name: "decideReportAsServer",
    summary: "Resolves a report: accepts the message, retracts it, or bans its author",
    who: "server",
    body: { schema: "Decision" },
    answers: { 204: { says: "It is done, and the report resolved" } },
    problems: ["not_found"],
  },
  {
    method: "get",
    path: "/server/dead-letters",
    name: "listDeadLetters",
    summary: "Lists the webhooks that the host's server did not take for a day",
    who: "server",
    query: query(DeadLettersQuery, { after: "Those after this place in the list" }),
    answers: { 200: { says: "Up to 100 of them, the oldest first", schema: "DeadLetters" } },
  },
  {
    method: "post",
    path: "/server/dead-letters",
    name: "replayDeadLetters",
    summary: "Sends webhooks that were given up once more, under their ids",
    who: "server",
    body: { schema: "Replay" },
    answers: { 200: { says: "How many there were", schema: "Replayed" } },
  },
  {
    method: "get",
    path: "/server/export",
    name: "exportUser",
    summary: "Exports what is kept of a user, a part at each call",
    who: "server",
    query: query(ExportQuery, { entity: "The user", after: "Where the part before says that this one begins" }),
    answers: { 200: { says: "Lines of JSON, each of them `{type, …}`" } },
    text: "application/x-ndjson",
  },
  {
    method: "post",
    path: "/server/erasures",
    name: "eraseUser",
    summary: "Erases a user, a part at each call",
    description: "Call again with `next` as `after`, until there is none.",
    who: "server",
    body: { schema: "Erasure" },
    answers: { 200: { says: "Where to go on, if there is more to do", schema: "Erased" } },
  },
  {
    method: "get",
    path: "/server/bans",
    name: "listBans",
    summary: "Lists the users who are banned from the deployment",
    who: "server",
    query: query(BansQuery, { after: "Those after this entity in the list" }),
    answers: { 200: { says: "Up to 1,000 of them, in order", schema: "Bans" } },
  },
  {
    method: "post",
    path: "/server/bans",
    name: "ban",
    summary: "Bans a user from the deployment",
    who: "server",
    body: { schema: "NewBan" },
    answers: { 204: { says: "The user is refused everywhere" } },
  },
  {
    method: "delete",
    path: "/server/bans",
    name: "unban",
    summary: "Lifts the ban of a user",
    who: "server",
    query: query(OfUser, { entity: "The user" }),
    answers: { 204: { says: "The user may come back" } },
  },
];

/** What moderators may ask, by their session or with a service credential. */
const MODERATION: readonly Endpoint[] = [
  {
    method: "get",
    path: "/admin",
    name: "adminPage",
    summary: "The page for moderators; without data, which its script asks for",
    who: "anybody",
    answers: { 200: { says: "The page" } },
    text: "text/html",
    unrationed: true,
  },
  {
    method: "get",
    path: "/moderation",
    name: "readCounters",
    summary: "Counts what moderators look after",
    who: "staff",
    answers: { 200: { says: "Open reports and banned users", schema: "Counters" } },
  },
  {
    method: "get",
    path: "/moderation/rooms",
    name: "listRooms",
    summary: "Lists the rooms of the deployment, latest activity first",
    who: "staff",
    query: query(RoomsQuery, { before: "Those after a page, by its `before`" }),
    answers: { 200: { says: "At most 25; if there are more, with `before`", schema: "Rooms" } },
  },
  {
    method: "patch",
    path: "/moderation/rooms/{id}",
    name: "slowRoom",
    summary: "Sets the slow mode of a room",
    who: "staff",
    body: { schema: "RoomChange" },
    answers: { 204: { says: "It is so now" } },
    problems: ["thread_not_found"],
  },
  {
    method: "delete",
    path: "/moderation/rooms/{id}",
    name: "deleteRoom",
    summary: "Deletes a room with all that belongs to it",
    who: "staff",
    answers: { 204: { says: "It is gone, or was before" } },
    problems: ["thread_not_found"],
  },
  {
    method: "get",
    path: "/moderation/people",
    name: "readPersonRecord",
    summary: "Reads what moderators see of a user",
    who: "staff",
    query: query(OfUser, { entity: "The user, who need not have been seen before" }),
    answers: { 200: { says: "The user", schema: "PersonRecord" } },
  },
  {
    method: "get",
    path: "/moderation/bans",
    name: "listBansForModerators",
    summary: "Lists the users who are banned from the deployment",
    who: "staff",
    query: query(BansQuery, { after: "Those after this entity in the list" }),
    answers: { 200: { says: "Up to 1,000 of them, in order", schema: "Bans" } },
  },
  {
    method: "post",
    path: "/moderation/bans",
    name: "banAsModerator",
    summary: "Bans a user from the deployment",
    who: "staff",
    body: { schema: "NewBan" },
    answers: { 204: { says: "The user is refused everywhere" } },
  },
  {
    method: "delete",
    path: "/moderation/bans",
    name: "unbanAsModerator",
    summary: "Lifts the ban of a user",
    who: "staff",
    query: query(OfUser, { entity: "The user" }),
    answers: { 204: { says: "The user may come back" } },
  },
];

export const ENDPOINTS: readonly Endpoint[] = [
  ...SERVER,
  ...MODERATION,
  {
    method: "post",
    path: "/token",
    name: "makeToken",
    summary: "Makes a chat token",
    description:
      "Without a credential, where guests are let in (`CHAT_GUESTS`), a `displayName` makes a guest, whose session comes along as a cookie.",
    who: "session or nobody",
    body: { schema: "Admission", optional: true },
    answers: { 200: { says: "The token, shown this once", schema: "Token", cookie: true } },
  },
  {
    method: "delete",
    path: "/token",
    name: "revokeTokens",
    summary: "Revokes all chat tokens of the session's user",
    who: "session",
    answers: { 204: { says: "They are gone" } },
  },
  {
    method: "delete",
    path: "/token/{token}",
    name: "revokeToken",
    summary: "Revokes one chat token; possession is enough",
    who: "token in path",
    answers: { 204: { says: "It is gone, or was before" } },
  },
  { ...STREAM, problems: [...STREAM.problems], method: "get", path: "/stream", name: "follow", who: "caller" },
  {
    ...STREAM,
    problems: STREAM.problems.filter((code) => code !== "origin_not_allowed"),
    method: "get",
    path: "/stream/{token}",
    name: "followByToken",
    who: "token in path",
  },
  { ...SEND, problems: [...SEND.problems], method: "post", path: "/send", name: "send", who: "caller" },
  {
    ...SEND,
    problems: [...SEND.problems],
    method: "post",
    path: "/send/{token}",
    name: "sendByToken",
    who: "token in path",
  },
  {
    method: "get",
    path: "/threads",
    name: "listThreads",
    summary: "Lists one's threads, latest activity first",
    who: "caller",
    query: query(ListQuery, {
      limit: "Threads, 50 unless told, cut at 100",
      before: "Those after the thread with this id in the list, or last active before this time",
      only: "Those that are `hidden`, which are not listed otherwise, or the `pinned` ones",
    }),
    answers: { 200: { says: "A page of one's threads", schema: "Threads" } },
    problems: ["thread_not_found"],
  },
  {
    method: "post",
    path: "/threads",
    name: "makeThread",
    summary: "Finds or makes a direct thread, or makes a room",
    who: "caller",
    body: { schema: "NewThread" },
    answers: {
      200: { says: "The direct thread of exactly these members was there", schema: "Thread" },
      201: { says: "It was made", schema: "Thread" },
    },
    problems: ["not_a_contact", "forbidden", "thread_conflict"],
  },
  {
    method: "get",
    path: "/threads/{id}",
    name: "readThread",
    summary: "Reads one thread",
    who: "caller",
    answers: { 200: { says: "The thread as the caller sees it", schema: "Thread" } },
    problems: ["thread_not_found"],
  },
  {
    method: "patch",
    path: "/threads/{id}",
    name: "changeThread",
    summary: "Changes members, roles, bans, the subject and settings; all of it or nothing",
    description:
      "Owners may do all, members invite and leave, visitors leave. Removing oneself is leaving; leaving a direct thread hides it until its next message.",
    who: "caller",
    body: { schema: "ThreadChange" },
    answers: {
      200: { says: "The thread as it is now", schema: "Thread" },
      204: { says: "The caller has left it" },
    },
    problems: ["not_a_contact", "forbidden", "thread_not_found"],
  },
  {
    method: "post",
    path: "/threads/{id}/invites",
    name: "invite",
    summary: "Makes a code by which anybody can join a room",
    who: "caller",
    body: { schema: "NewInvite", optional: true },
    answers: { 201: { says: "The code, shown this once", schema: "Invite" } },
    problems: ["forbidden", "thread_not_found"],
  },
  {
    method: "get",
    path: "/threads/{id}/invites",
    name: "listInvites",
    summary: "Lists the living invites to a room: to owners all, to members their own",
    who: "caller",
    answers: { 200: { says: "The invites, the first to end first", schema: "Invites" } },
    problems: ["forbidden", "thread_not_found"],
  },
  {
    method: "delete",
    path: "/threads/{id}/invites/{invite}",
    name: "revokeInvite",
    summary: "Revokes an invite, as its maker or an owner",
    who: "caller",
    answers: { 204: { says: "It holds no more" } },
    problems: ["forbidden", "thread_not_found", "not_found"],
  },
  {
    method: "post",
    path: "/threads/join",
    name: "join",
    summary: "Joins the room that an invite leads to",
    who: "caller",
    body: { schema: "Joining" },
    answers: { 200: { says: "The room", schema: "Thread" } },
    problems: ["forbidden", "not_found"],
  },
  {
    method: "get",
    path: "/invites/{code}",
    name: "readInvite",
    summary: "Reads an invite without joining",
    who: "caller",
    answers: { 200: { says: "The room, and who made the invite", schema: "InvitePreview" } },
    problems: ["forbidden", "not_found"],
  },
  {
    method: "get",
    path: "/threads/{id}/messages",
    name: "readHistory",
    summary: "Reads a page of a thread's history, in its present form",
    who: "caller",
    query: query(HistoryQuery, {
      before: "Messages below this seq, the newest of them",
      after: "Messages above this seq, the oldest of them",
      around: "The message with this seq or id, and those before and after it; without `before` and `after`",
      limit: "Messages, 50 unless told, cut at 100; a page ends before 1 MiB",
    }),
    answers: { 200: { says: "The page, and the range that is kept", schema: "Page" } },
    problems: ["thread_not_found", "message_not_found"],
  },
  {
    method: "get",
    path: "/threads/{id}/members",
    name: "listMembers",
    summary: "Lists the members of a thread in the order in which they joined, in pages",
    who: "caller",
    query: query(MembersQuery, {
      after: "Those after this position: the `after` of an earlier page",
      limit: "Members, 100 unless told, cut at 100",
    }),
    answers: { 200: { says: "A page of members, and one's own membership", schema: "Members" } },
    problems: ["thread_not_found"],
  },
  {
    method: "get",
    path: "/search",
    name: "search",
    summary: "Searches the messages of one's threads, in parts",
    description:
      "Thread by thread, the latest active first, and the newest message first. A part may have no results and still a cursor. All words of the query must be in a message.",
    who: "caller",
    query: query(SearchQuery, {
      q: "1 to 10 words, each found at the beginning of one in the message's subject, text and names of attachments, or anywhere if it is of a script without spaces",
      thread: "This thread alone",
      cursor: "Where to go on: the cursor of an earlier answer to the same query",
      limit: "Messages, 20 unless told, cut at 50",
    }),
    answers: { 200: { says: "What was found in this part", schema: "Found" } },
    problems: ["thread_not_found", "bad_cursor"],
  },
  {
    method: "post",
    path: "/previews",
    name: "previewLink",
    summary: "Reads what a page says of itself, for a message that links to it",
    description:
      "The page is read from the public web alone. Attach the answer to the message, so that its readers need not ask the page.",
    who: "caller",
    body: { schema: "PreviewRequest" },
    answers: { 200: { says: "What the page says of itself", schema: "LinkPreview" } },
    problems: ["not_found"],
  },
  {
    method: "post",
    path: "/files",
    name: "requestUpload",
    summary: "Grants the upload of a file, which a message is then sent with",
    description:
      "Upload the file by the request that is answered, with all its headers; its URL may be relative to that of this request. Then attach it as `{url, file}`, where `url` ends in `/files/<file>`. What is not sent within a day is removed.",
    who: "caller",
    body: { schema: "NewFile" },
    answers: { 201: { says: "The file, and the request that uploads it", schema: "GrantedUpload" } },
    problems: ["not_found", "thread_not_found", "cannot_send"],
  },
  {
    method: "get",
    path: "/files",
    name: "signFiles",
    summary: "Says which files are taken, and signs the URLs of some, which then need no credential",
    who: "caller",
    query: query(FilesQuery, {
      id: "A file, up to 20 of them; repeated for each. Those that one may not read are left out",
    }),
    answers: { 200: { says: "What is taken, and the files", schema: "Files" } },
    problems: [],
  },
  {
    method: "get",
    path: "/files/{file}",
    name: "readFile",
    summary: "Leads to a file that was sent to a thread of the caller's",
    who: "caller",
    answers: { 302: { says: "Where it can be read without a credential, for an hour" } },
    problems: ["not_found"],
  },
  {
    method: "put",
    path: "/files/{file}/content",
    name: "uploadFile",
    summary: "Takes a file, where the deployment keeps them in a folder of its own",
    description: "Its URL is the one that an upload was granted with.",
    who: "anybody",
    query: query(TicketQuery, { ticket: "The signature of the deployment; opaque" }),
    takesBytes: true,
    answers: { 204: { says: "It is kept" } },
    problems: ["forbidden", "not_found"],
    unrationed: true,
  },
  {
    method: "get",
    path: "/files/{file}/content",
    name: "serveFile",
    summary: "Serves a file, where the deployment keeps them in a folder of its own",
    description: "Its URL is the one that was signed for a reader. A `Range` of one part is answered.",
    who: "anybody",
    query: query(TicketQuery, { ticket: "The signature of the deployment; opaque" }),
    answers: {
      200: { says: "The file: to be saved, unless it is a picture, sound or film", bytes: true },
      206: { says: "The part that was asked for", bytes: true },
      416: { says: "The part lies beyond its end" },
    },
    problems: ["forbidden", "not_found"],
    unrationed: true,
  },
  {
    method: "get",
    path: "/push",
    name: "getPushKey",
    summary: "Returns the public VAPID key, with which a browser subscribes to pushes",
    who: "caller",
    answers: { 200: { says: "The key, which stays the same", schema: "PushKey" } },
    problems: ["not_found"],
  },
  {
    method: "post",
    path: "/push",
    name: "subscribe",
    summary: "Subscribes a device to pushes, with what `PushSubscription.toJSON()` returns",
    description: "A user has at most 10 devices: beyond that the one that subscribed first goes.",
    who: "caller",
    body: { schema: "Subscription" },
    answers: { 201: { says: "It is subscribed", schema: "Device" } },
    problems: ["not_found"],
  },
  {
    method: "delete",
    path: "/push/{device}",
    name: "unsubscribe",
    summary: "Ends the pushes to a device",
    who: "caller",
    answers: { 204: { says: "It gets none" } },
    problems: ["not_found"],
  },
  {
    method: "get",
    path: "/reports",
    name: "listReports",
    summary: "Lists the open reports, the oldest first; for moderators",
    who: "session",
    query: query(ReportsQuery, { after: "Those after the report with this id" }),
    answers: { 200: { says: "At most 50, each with the message as it was", schema: "Reports" } },
    problems: ["forbidden", "not_found"],
  },
  {
    method: "post",
    path: "/reports/{report}",
    name: "decideReport",
    summary: "Resolves a report: accepts the message, retracts it, or bans its author; for moderators",
    who: "session",
    body: { schema: "Decision" },
    answers: { 204: { says: "It is done, and the report resolved" } },
    problems: ["forbidden", "not_found"],
  },
  {
    method: "delete",
    path: "/reports/{report}",
    name: "resolveReport",
    summary: "Resolves a report, of which nothing is kept; for moderators",
    who: "session",
    answers: { 204: { says: "It is resolved" } },
    problems: ["forbidden", "not_found"],
  },
  {
    ...FRIENDS,
    path: "/friends",
    name: "listFriends",
    summary: "The presence of each contact",
    query: query(FriendsQuery, {
      after: "Those after this entity, or after none, ordered by entity; without it available ones come first",
    }),
  },
  {
    ...FRIENDS,
    path: "/get-friends",
    name: "getFriends",
    summary: "As `friends`, in the form of the first implementation",
    answers: { 200: { says: "At most 200, available ones first", schema: "OldFriends" } },
  },
  {
    method: "get",
    path: "/actors",
    name: "describeActors",
    summary: "Describes people who share a thread with the caller, in the order asked",
    description:
      "Without `ids` the caller alone: so a client learns who its token speaks for. Whoever shares no thread with the caller is left out, whether they exist or not.",
    who: "caller",
    query: query(ActorsQuery, { ids: "Whom to describe, 1 to 100; repeated for each, since entities may hold commas" }),
    answers: { 200: { says: "Those of them who may be told of", schema: "Actors" } },
  },
  {
    method: "get",
    path: "/blocks",
    name: "listBlocks",
    summary: "Lists whom one blocks",
    who: "caller",
    query: query(BlocksQuery, { after: "Those after this entity in the list" }),
    answers: { 200: { says: "Their entities, in order", schema: "Blocks" } },
  },
  {
    method: "post",
    path: "/start-session",
    name: "startSession",
    summary: "Finds or makes the direct thread with a user; the first implementation's URL",
    who: "caller",
    body: { schema: "SessionStart", form: true },
    answers: { 200: { says: "The thread and its members", schema: "StartedSession" } },
    problems: ["not_a_contact", "forbidden"],
  },
  {
    method: "post",
    path: "/send-message",
    name: "sendMessage",
    summary: "Sends a text to a thread; the first implementation's URL",
    who: "caller",
    body: { schema: "TextToSend", form: true },
    answers: { 200: { says: "The id of the message", schema: "SentMessage" } },
    problems: ["cannot_send", "refused", "thread_not_found", "slow_mode"],
  },
  {
    method: "get",
    path: "/chat.js",
    name: "script",
    summary: "The script for plain pages",
    who: "anybody",
    answers: { 200: { says: "JavaScript" } },
    file: "text/javascript",
  },
  {
    method: "post",
    path: "/setup",
    name: "setUp",
    summary: "Shows the secret that a deployment made for itself, once",
    description:
      "For a deployment with neither `CHAT_JWT_SECRET` nor `CHAT_JWKS_URL` nor a `user` option. The store's token proves that the deployment is the asker's.",
    who: "anybody",
    body: { schema: "StoreProof", form: true },
    answers: { 200: { says: "The secret, by which the host application signs sessions", schema: "Secret" } },
    problems: ["unauthenticated", "not_found"],
  },
  {
    method: "get",
    path: "/health",
    name: "health",
    summary: "Tells whether the store answers, and how fast",
    who: "anybody",
    answers: { 200: { says: "It does", schema: "Health" } },
  },
  {
    method: "get",
    path: "/cron",
    name: "cron",
    summary: "Does what is left undone: sends webhooks and pushes that wait, and removes files",
    description:
      "For a clock, such as Vercel's cron jobs, which sends `Authorization: Bearer` and the value of `CRON_SECRET`. 404 without that variable.",
    who: "anybody",
    query: query(CronQuery, {
      check: "`1` to learn whether the secret is accepted: nothing is done, and `jobs` is empty",
    }),
    answers: { 200: { says: "What each job has come to", schema: "Done" } },
    problems: ["unauthenticated", "not_found"],
  },
];
