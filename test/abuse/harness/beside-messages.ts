import { randomBytes } from "node:crypto";
import { v4 as uuid } from "uuid";
import { type Attack, get, type Lair, message, nobody, note, post, send } from "./attack.js";

// A point of P-256, and 16 bytes: what a browser would send, of a device that is none.
const KEYS = {
  p256dh: "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM",
  auth: "BTBZMqHH6r4Tts7J_aSIgg",
};

// What a server can reach, and its users must not.
const INSIDE = [
  ...["http://127.0.0.1:6379/", "http://[::1]/", "http://169.254.169.254/latest/meta-data/", "http://localhost/"],
  ...[
    "http://0.0.0.0/",
    "http://2130706433/",
    "http://[::ffff:10.0.0.1]/",
    "https://redis.internal/",
    "http://a.test:22/",
  ],
];

const anyFile = ({ chance, files }: Lair) =>
  files.length === 0 || chance.happens(0.3) ? randomBytes(16).toString("base64url") : chance.pick(files);

const upload = (size: number, name = "a.txt", type = "text/plain") => post("files", { name, type, size });

/** Attacks on what a chat has beside messages: files, previews, search, pushes, reports, invites and mentions. */
export const BESIDE_MESSAGES: readonly Attack[] = [
  {
    name: "ask for the largest upload",
    kind: "write",
    make: () => upload(25 * 2 ** 20),
    learn: (lair, answer) => note(lair.files, JSON.parse(answer).file),
  },
  {
    name: "ask for many small uploads",
    kind: "write",
    make: () => upload(1),
    learn: (lair, answer) => note(lair.files, JSON.parse(answer).file),
  },
  {
    name: "upload a path, a page or nothing",
    kind: "write",
    make: ({ chance }) =>
      chance.pick([
        ...[upload(1, "../../etc/passwd"), upload(1, "a.html", "text/html"), upload(0), upload(1e15)],
        ...[upload(1, "a\u202etxt.exe"), upload(1, "x".repeat(5_000)), upload(1, "a.png", "image/svg+xml")],
      ]),
  },
  {
    name: "send files that are not there",
    kind: "write",
    make: (lair) => {
      const attachments = Array.from({ length: 10 }, () => {
        const file = anyFile(lair);
        return { url: `https://chat.test/nereid-chat/files/${file}`, file };
      });
      return send("message", { thread: message(lair).thread, attachments });
    },
  },
  {
    name: "read twenty files",
    kind: "read",
    make: (lair) => get(`files?${Array.from({ length: 20 }, () => `id=${anyFile(lair)}`).join("&")}`),
  },
  { name: "read a file", kind: "read", make: (lair) => get(`files/${anyFile(lair)}`) },
  {
    name: "forge the ticket of a file",
    kind: "nobody",
    make: (lair) => {
      const path = `files/${anyFile(lair)}/content?ticket=${btoa(uuid())}.${btoa(uuid())}`;
      return lair.chance.happens(0.5)
        ? get(path)
        : { method: "PUT", path, raw: "x".repeat(60_000), type: "text/plain" };
    },
  },
  {
    name: "preview what is inside",
    kind: "write",
    make: ({ chance }) => post("previews", { url: `${chance.pick(INSIDE)}${chance.happens(0.5) ? uuid() : ""}` }),
  },
  {
    name: "search for as much as a query holds",
    kind: "read",
    make: (lair) => {
      const words = Array.from({ length: 10 }, () => uuid().slice(0, 8)).join("+");
      return get(`search?limit=50&q=${lair.chance.happens(0.5) ? words : `x&thread=${message(lair).thread}`}`);
    },
  },
  {
    name: "go on searching from nowhere",
    kind: "read",
    make: ({ chance }) => get(`search?q=x&cursor=${chance.pick([btoa(uuid()), "x".repeat(4_000), "0.0.0"])}`),
  },
  {
    name: "subscribe many devices",
    kind: "write",
    make: () => post("push", { endpoint: `https://push.invalid/${uuid()}`, keys: KEYS, page: "x".repeat(1_024) }),
  },
  {
    name: "subscribe what is inside",
    kind: "write",
    make: ({ chance }) => post("push", { endpoint: chance.pick(INSIDE), keys: KEYS }),
  },
  {
    name: "end a device of others",
    kind: "write",
    make: () => ({ method: "DELETE", path: `push/${randomBytes(32).toString("base64url")}` }),
  },
  {
    name: "report what others have said",
    kind: "write",
    make: ({ chance, rooms }) => send("report", { thread: chance.pick(rooms), id: uuid(), reason: "x".repeat(1_024) }),
  },
  {
    name: "decide on a report",
    kind: "write",
    make: ({ chance }) =>
      post(`reports/${randomBytes(32).toString("base64url")}`, { action: chance.pick(["ban", "retract"]) }),
  },
  { name: "moderate", kind: "read", make: ({ others }) => get(`moderation/people?entity=${others[0]}`) },
  {
    name: "read an invite, or guess one",
    kind: "read",
    make: ({ chance, codes }) =>
      get(
        `invites/${codes.length === 0 || chance.happens(0.3) ? randomBytes(16).toString("base64url") : chance.pick(codes)}`,
      ),
  },
  { name: "list invites", kind: "read", make: (lair) => get(`threads/${message(lair).thread}/invites`) },
  {
    name: "mention fifty strangers",
    kind: "write",
    make: (lair) =>
      send("message", {
        thread: message(lair).thread,
        text: "x",
        mentions: [...lair.others.slice(0, 10), ...nobody(40)],
      }),
  },
  {
    name: "mention a desk again and again",
    kind: "write",
    make: ({ chance, desks }) => {
      const desk = chance.pick(desks);
      return send("message", { to: [desk], text: "x", mentions: Array.from({ length: 50 }, () => desk) });
    },
  },
  {
    name: "reply to a message of others",
    kind: "write",
    make: (lair) => send("message", { thread: message(lair).thread, text: "x", replyTo: uuid() }),
  },
];
