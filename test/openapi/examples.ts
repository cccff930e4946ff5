const [ann, ben] = ["user,ann", "user,ben"];
const timestamp = "2026-01-02T03:04:05.678Z";
const expires = "2026-01-02T04:04:05.678Z";
const cursor = "BxkGk0nVwQ2a.1767323045678";
const thread = "team-tea";
const id = "0b9d4f6e-3c1a-4d57-9a52-6f0a3c8d1e21";
const token = "5f0c8f1e-6f2a-4c3b-8e6d-2b1f7a9d4c10";
const digest = "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg";
// The receiver's key of RFC 8291, section 5.
const pushKey = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const code = "Zm9vYmFyYmF6cXV4cXV1eA";

const actor = { id: ann, objectType: "person", displayName: "Ann" };
const said = { thread, text: "Tea at four?" };
const delivered = { id, thread, seq: 7, timestamp, sender: actor, type: "plain", text: said.text, attachments: [] };
const membership = { entity: ann, role: "owner", read: 7 };
const room = {
  ...{ id: thread, kind: "room", subject: "Tea", seq: 7, created: timestamp, updated: timestamp },
  ...{ members: [{ ...membership, actor }], memberCount: 1, unread: 0, last: delivered },
};
const presence = { entity: ann, actor, available: true, show: "chat", status: "Kettle is on", since: timestamp };

/** An example of each component that an operation takes or answers. */
export const EXAMPLES: Readonly<Record<string, unknown>> = {
  // Bodies.
  Sending: { type: "message", message: { id, ...said } },
  Admission: { displayName: "Zoë" },
  StoreProof: { token: "the token of the store" },
  NewThread: { kind: "room", id: thread, subject: "Tea", members: [ben] },
  ThreadChange: { add: [ben], subject: "Tea" },
  PreviewRequest: { url: "https://example.com/tea" },
  NewFile: { name: "tea.png", type: "image/png", size: 68 },
  NewInvite: { ttl: 86_400 },
  Joining: { code },
  SessionStart: { user: ben },
  TextToSend: { thread_id: thread, message: said.text },
  Profile: { id: ann, displayName: "Ann" },
  NewBan: { entity: ben },
  Import: { messages: [{ id, sender: ann, timestamp, text: "From before" }] },
  Subscription: {
    endpoint: "https://push.example.net/send/dGhlIGVuZHBvaW50",
    keys: { p256dh: pushKey, auth: "BTBZMqHH6r4Tts7J_aSIgg" },
    page: "/chat?thread={thread}",
  },
  Decision: { action: "retract" },
  RoomChange: { slow: 30 },
  Replay: { places: ["1700000000000-0"] },
  Erasure: { entity: ann },
  // Answers.
  SendAnswer: { timestamp, results: [{ type: "message", id, thread, seq: 7, timestamp }] },
  StreamAnswer: { timestamp, prev: cursor, cursor, stanzas: [{ type: "message", message: delivered }] },
  Token: { token, expires, cursor, actor },
  Thread: room,
  Threads: { threads: [room] },
  Members: { members: [{ ...membership, actor }], memberCount: 1, self: membership },
  Found: { results: [{ thread, message: delivered }] },
  LinkPreview: { url: "https://example.com/tea", title: "All about tea", description: "Green, black and white" },
  GrantedUpload: {
    file: "LS0gdGhlIGlkIG9mIGEgZg",
    expires,
    upload: {
      method: "PUT",
      url: "https://storage.example.com/bucket/LS0gdGhlIGlkIG9mIGEgZg?X-Amz-Signature=…",
      headers: { "content-type": "image/png", "content-length": "68" },
    },
  },
  Files: {
    max: 26_214_400,
    types: ["*/*"],
    files: [
      {
        ...{ id: "LS0gdGhlIGlkIG9mIGEgZg", name: "tea.png", type: "image/png", size: 68, expires },
        url: "https://storage.example.com/bucket/LS0gdGhlIGlkIG9mIGEgZg?X-Amz-Signature=…",
      },
    ],
  },
  Reports: { reports: [{ id: digest, timestamp, by: ben, thread, reason: "Spam", message: delivered }] },
  Counters: { reports: 1, bans: 2 },
  Rooms: {
    rooms: [
      { id: thread, seq: 7, created: timestamp, updated: timestamp, memberCount: 2, subject: "Tea", last: delivered },
    ],
  },
  PersonRecord: { entity: ann, actor, threads: 3, banned: false },
  DeadLetters: {
    deadLetters: [
      { place: "1700000000000-0", timestamp, id: digest, thread, webhooks: [{ type: "message.sent", timestamp }] },
    ],
  },
  PushKey: { publicKey: pushKey },
  Device: { id: digest },
  Replayed: { replayed: 1 },
  ImportResult: { imported: 1, known: 0, seq: 8 },
  Erased: { next: "traces 12" },
  Page: { messages: [delivered], first: 1, last: 7 },
  Invite: { id: digest, code, expires },
  InvitePreview: { thread, subject: "Tea", by: { id: ann, displayName: "Ann" }, memberCount: 1, member: false },
  Invites: { invites: [{ id: digest, by: ann, expires }] },
  Friends: { friends: [presence] },
  OldFriends: { friends: [{ entity: actor, show: "chat", status: null, available: true, since: timestamp }] },
  Actors: { actors: [actor] },
  Actor: actor,
  Bans: { bans: [ben] },
  Blocks: { blocks: [ben] },
  Secret: { secret: "pbl1mQ0cYwY0sO3mZfQ3rJb6n1yH0x8sVnqk5q7o2tE" },
  Done: { timestamp, jobs: { webhooks: "done", pushes: "done", files: "failed" } },
  Health: { status: "ok", store: "upstash", roundTripMs: 3.14 },
  StartedSession: { success: true, thread_id: thread, members: [actor] },
  SentMessage: { success: true, UUID: id },
};
