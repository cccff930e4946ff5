import type { FileStrings } from "./file-strings.js";
import type { ReportStrings } from "./report-strings.js";
import type { WritingStrings } from "./writing-strings.js";

/** All texts of the widget, in English. The `strings` property of the element replaces any of them. */
export const ENGLISH = {
  chat: "Chat",
  openChat: "Open the chat",
  closeChat: "Close the chat",
  chats: "Chats",
  conversations: "Conversations",
  search: "Search",
  messagesFound: "Messages",
  nothingFound: "Nothing found.",
  moreFound: "More results",
  notSearched: "Only what is loaded could be searched.",
  searching: "Searching…",
  olderConversations: "Loading older conversations…",
  noConversations: "No conversations yet.",
  threadActions: "Conversation actions",
  pin: "Pin",
  unpin: "Unpin",
  pinned: "Pinned",
  markUnread: "Mark as unread",
  markRead: "Mark as read",
  markedUnread: "Marked as unread",
  hide: "Hide",
  unhide: "Show again",
  hiddenConversations: "Hidden conversations",
  nothingHidden: "Nothing is hidden.",
  start: "New conversation",
  pick: "Choose a conversation, or start a new one.",
  back: "Back to the conversations",
  details: "Details",
  close: "Close",
  cancel: "Cancel",
  save: "Save",
  untitled: "Just you",
  you: "You",
  guest: (name: string) => `${name} (guest)`,
  unread: (count: number) => (count === 1 ? "1 unread message" : `${count} unread messages`),
  // Presence
  presence: "Your presence",
  available: "Available",
  away: "Away",
  dnd: "Do not disturb",
  invisible: "Appear offline",
  unavailable: "Offline",
  members: (count: number, available: number) =>
    count === 1 ? "Only you so far" : `${count} members, ${available} online`,
  typing: (names: string[]) =>
    names.length === 1
      ? `${names[0]} is typing…`
      : names.length === 2
        ? `${names[0]} and ${names[1]} are typing…`
        : "Several people are typing…",
  // Messages
  messages: "Messages",
  older: "Loading older messages…",
  beginning: "This is where the conversation begins.",
  newMessages: "New messages",
  toNewest: "To the newest message",
  retracted: "This message was deleted.",
  blockedMessage: "A message of somebody you block.",
  edited: "edited",
  pending: "Waiting to be sent",
  sent: "Sent",
  delivered: "Delivered",
  read: "Read",
  readBy: (names: string[]) => `Read by ${names.join(", ")}`,
  refused: "Not sent",
  discard: "Discard",
  earlier: "An earlier message",
  attachment: "Attachment",
  react: "React",
  reactWith: (emoji: string) => `React with ${emoji}`,
  reaction: (emoji: string, names: string[]) => `${emoji} ${names.join(", ")}`,
  reply: "Reply",
  edit: "Edit",
  retract: "Delete",
  actions: "Message actions",
  copy: "Copy",
  forward: "Forward",
  forwardTo: "Forward to",
  seenBy: "Seen by",
  notRead: "Nobody has read it yet.",
  more: "Show all",
  less: "Show less",
  withdraw: "Do not send",
  // Reports
  report: "Report",
  // Composer
  write: "Write a message",
  writeTo: (title: string) => `Message ${title}`,
  send: "Send",
  replyingTo: (name: string) => `Replying to ${name}`,
  editing: "Editing your message",
  everybody: "everybody here",
  noPreview: "Send without a preview",
  insert: "Emoji and formatting",
  left: (count: number) => `${count} left`,
  noVoice: "You can read here, but not write.",
  // New conversations
  people: "People",
  searchPeople: "Search people",
  nobodyFound: "Nobody found.",
  morePeople: "More people",
  nobody: "You have no contacts yet. Make a room and invite somebody by a link.",
  roomName: "Name of the room",
  optional: "optional for two",
  begin: "Start",
  code: "Invite code",
  join: "Join",
  joinAsk: "Join this conversation?",
  joinRoom: (title: string) => `Join “${title}”?`,
  invitedBy: (name: string, members: number) =>
    `${name} has made the invite. ${members === 1 ? "1 person is" : `${members} people are`} there.`,
  joinWarning:
    "A link has brought you here. Join only if you know its sender: all who are there see your name and what you write.",
  // Details
  rename: "Rename",
  invite: "Invite by link",
  copied: "Copied. Send it to whom you want to see here.",
  mute: "Mute",
  unmute: "Unmute",
  block: "Block",
  unblock: "Unblock",
  leave: "Leave",
  sure: (action: string) => `${action}: are you sure?`,
  blocked: "You block them",
  roles: { owner: "Owner", member: "", visitor: "Visitor" },
  // Notifications
  notify: "Turn on desktop notifications",
  notifying: "Turn off desktop notifications",
  // Connection
  connecting: "Connecting…",
  yourName: "Your name",
  offline: "No connection. What you write is sent when it is back.",
  failed: "Cannot connect to the chat.",
  // Why the chat cannot connect, by code
  failures: {
    unreachable: "Cannot reach the chat.",
    unauthenticated: "You are not logged in.",
    token_unknown: "Your access to the chat has expired.",
    origin_not_allowed: "This page may not use the chat.",
    banned: "You may not use this chat.",
    rate_limited: "Too many requests. The chat is back in a moment.",
    unavailable: "The chat is out of order. It is back in a moment.",
  } as Readonly<Record<string, string>>,
  problems: {
    rate_limited: "That was too fast. Try again in a moment.",
    slow_mode: "This room is slow: wait a while between messages.",
    banned: "You may not use this chat.",
    message_not_found: "This message is not there any more.",
    thread_not_found: "This conversation is not there any more.",
    forbidden: "You may not do that here.",
    cannot_send: "You may not write here.",
    too_large: "This is too long.",
    unreachable: "Cannot reach the chat. Try again.",
    not_a_contact: "You may not write to them.",
    not_found: "This invite does not hold any more.",
    other: "That did not work.",
  } as Readonly<Record<string, string>>,
};

/** Texts of the widget; those that it loads later have a place here where a language or a page gives them. */
export type Strings = typeof ENGLISH & {
  reporting?: ReportStrings;
  writing?: WritingStrings;
  files?: FileStrings;
  notAllowed?: string;
};

/** Returns the text for a problem code; for a refusal by the host's server, the reason that it gives in `detail`. */
export function problemIn(strings: Strings, code: string, detail?: string): string {
  if (code === "refused" && detail) return detail;
  return strings.problems[code] ?? strings.problems.other ?? code;
}

/** Returns the text for the code of a problem that keeps the chat from connecting. */
export function failureIn(strings: Strings, code = ""): string {
  return strings.failures[code] ?? strings.failed;
}
