import { counted, listed } from "../plural.js";
import type { Strings } from "../strings.js";

const LANGUAGE = "de";

/** All texts of the widget, in German. */
export const strings: Strings = {
  chat: "Chat",
  openChat: "Chat öffnen",
  closeChat: "Chat schließen",
  chats: "Chats",
  conversations: "Unterhaltungen",
  search: "Suchen",
  messagesFound: "Nachrichten",
  nothingFound: "Im Geladenen wurde nichts gefunden.",
  searching: "Wird gesucht …",
  olderConversations: "Ältere Unterhaltungen werden geladen …",
  noConversations: "Noch keine Unterhaltungen.",
  start: "Neue Unterhaltung",
  pick: "Wählen Sie eine Unterhaltung oder beginnen Sie eine neue.",
  back: "Zurück zu den Unterhaltungen",
  details: "Details",
  close: "Schließen",
  cancel: "Abbrechen",
  save: "Speichern",
  untitled: "Nur Sie",
  you: "Sie",
  guest: (name) => `${name} (Gast)`,
  unread: (count) => counted(LANGUAGE, count, { one: "# ungelesene Nachricht", other: "# ungelesene Nachrichten" }),
  // Presence
  presence: "Ihr Status",
  available: "Verfügbar",
  away: "Abwesend",
  dnd: "Nicht stören",
  invisible: "Unsichtbar",
  unavailable: "Offline",
  members: (count, available) =>
    count === 1
      ? "Bisher nur Sie"
      : counted(LANGUAGE, count, { other: "# Mitglieder" }) +
        `, ${new Intl.NumberFormat(LANGUAGE).format(available)} online`,
  typing: (names) =>
    names.length === 1
      ? `${names[0]} schreibt …`
      : names.length === 2
        ? `${names[0]} und ${names[1]} schreiben …`
        : "Mehrere schreiben …",
  // Messages
  messages: "Nachrichten",
  older: "Ältere Nachrichten werden geladen …",
  beginning: "Hier beginnt die Unterhaltung.",
  newMessages: "Neue Nachrichten",
  toNewest: "Zur neuesten Nachricht",
  retracted: "Diese Nachricht wurde gelöscht.",
  blockedMessage: "Eine Nachricht von jemandem, den Sie blockieren.",
  edited: "bearbeitet",
  pending: "Wird noch gesendet",
  sent: "Gesendet",
  delivered: "Zugestellt",
  read: "Gelesen",
  readBy: (names) => `Gelesen von ${listed(LANGUAGE, names)}`,
  refused: "Nicht gesendet",
  discard: "Verwerfen",
  earlier: "Eine frühere Nachricht",
  attachment: "Anhang",
  react: "Reagieren",
  reactWith: (emoji) => `Mit ${emoji} reagieren`,
  reaction: (emoji, names) => `${emoji} ${listed(LANGUAGE, names)}`,
  reply: "Antworten",
  edit: "Bearbeiten",
  retract: "Löschen",
  actions: "Aktionen zur Nachricht",
  copy: "Kopieren",
  more: "Alles anzeigen",
  less: "Weniger anzeigen",
  withdraw: "Nicht senden",
  // Reports
  report: "Melden",
  reporting: {
    ask: "Diese Nachricht melden?",
    reasons: {
      spam: "Spam oder Werbung",
      abuse: "Beleidigung oder Belästigung",
      danger: "Gewalt, Drohungen oder Selbstverletzung",
      other: "Etwas anderes",
    },
    text: "Was sollten die Moderatoren wissen? (freiwillig)",
    what: "Die Moderatoren sehen die Nachricht und Ihren Namen. Wer sie geschrieben hat, erfährt nichts davon.",
    reported: "Danke. Die Moderatoren sehen sich die Nachricht an und entscheiden, was mit ihr geschieht.",
  },
  // Composer
  write: "Nachricht schreiben",
  writeTo: (title) => `Nachricht an ${title}`,
  send: "Senden",
  replyingTo: (name) => `Antwort an ${name}`,
  editing: "Sie bearbeiten Ihre Nachricht",
  everybody: "alle hier",
  noPreview: "Ohne Vorschau senden",
  noVoice: "Sie können hier lesen, aber nicht schreiben.",
  // New conversations
  people: "Personen",
  searchPeople: "Personen suchen",
  nobodyFound: "Niemand gefunden.",
  nobody: "Sie haben noch keine Kontakte. Erstellen Sie einen Raum und laden Sie jemanden per Link ein.",
  roomName: "Name des Raums",
  optional: "zu zweit nicht nötig",
  begin: "Beginnen",
  code: "Einladungscode",
  join: "Beitreten",
  joinAsk: "Dieser Unterhaltung beitreten?",
  joinRoom: (title) => `„${title}“ beitreten?`,
  invitedBy: (name, members) =>
    `Eingeladen von ${name}. ${counted(LANGUAGE, members, { one: "# Person ist dort.", other: "# Personen sind dort." })}`,
  joinWarning:
    "Ein Link hat Sie hierher geführt. Treten Sie nur bei, wenn Sie wissen, von wem er stammt: Alle dort sehen Ihren Namen und was Sie schreiben.",
  // Details
  rename: "Umbenennen",
  invite: "Per Link einladen",
  copied: "Kopiert. Senden Sie den Link an alle, die Sie hier sehen möchten.",
  mute: "Stummschalten",
  unmute: "Stummschaltung aufheben",
  block: "Blockieren",
  unblock: "Nicht mehr blockieren",
  leave: "Verlassen",
  sure: (action) => `${action}: Sind Sie sicher?`,
  blocked: "Von Ihnen blockiert",
  roles: { owner: "Besitzer", member: "", visitor: "Besucher" },
  // Notifications
  notify: "Desktop-Benachrichtigungen einschalten",
  notifying: "Desktop-Benachrichtigungen ausschalten",
  // Connection
  connecting: "Verbindung wird hergestellt …",
  yourName: "Ihr Name",
  offline: "Keine Verbindung. Was Sie schreiben, wird gesendet, sobald sie wieder besteht.",
  failed: "Der Chat lässt sich nicht verbinden.",
  failures: {
    unreachable: "Der Chat ist nicht erreichbar.",
    unauthenticated: "Sie sind nicht angemeldet.",
    token_unknown: "Ihr Zugang zum Chat ist abgelaufen.",
    origin_not_allowed: "Diese Seite darf den Chat nicht verwenden.",
    banned: "Sie dürfen diesen Chat nicht verwenden.",
    rate_limited: "Zu viele Anfragen. Der Chat ist gleich wieder da.",
    unavailable: "Der Chat ist gestört. Er ist gleich wieder da.",
  },
  problems: {
    rate_limited: "Das war zu schnell. Versuchen Sie es gleich noch einmal.",
    slow_mode: "Dieser Raum ist verlangsamt: Warten Sie etwas zwischen zwei Nachrichten.",
    banned: "Sie dürfen diesen Chat nicht verwenden.",
    message_not_found: "Diese Nachricht gibt es nicht mehr.",
    thread_not_found: "Diese Unterhaltung gibt es nicht mehr.",
    forbidden: "Das dürfen Sie hier nicht.",
    cannot_send: "Sie dürfen hier nicht schreiben.",
    too_large: "Das ist zu lang.",
    unreachable: "Der Chat ist nicht erreichbar. Versuchen Sie es noch einmal.",
    not_a_contact: "An diese Person dürfen Sie nicht schreiben.",
    not_found: "Diese Einladung gilt nicht mehr.",
    other: "Das hat nicht geklappt.",
  },
};
