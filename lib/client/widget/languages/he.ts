import { counted, listed } from "../plural.js";
import type { Strings } from "../strings.js";

const LANGUAGE = "he";

/** All texts of the widget, in Hebrew. */
export const strings: Strings = {
  chat: "צ׳אט",
  openChat: "פתיחת הצ׳אט",
  closeChat: "סגירת הצ׳אט",
  chats: "צ׳אטים",
  conversations: "שיחות",
  search: "חיפוש",
  messagesFound: "הודעות",
  nothingFound: "לא נמצא דבר במה שנטען.",
  searching: "מחפש…",
  olderConversations: "טוען שיחות קודמות…",
  noConversations: "אין עדיין שיחות.",
  start: "שיחה חדשה",
  pick: "אפשר לבחור שיחה או להתחיל שיחה חדשה.",
  back: "חזרה לשיחות",
  details: "פרטים",
  close: "סגירה",
  cancel: "ביטול",
  save: "שמירה",
  untitled: "רק את/ה",
  you: "את/ה",
  guest: (name) => `${name} (אורח)`,
  unread: (count) =>
    counted(LANGUAGE, count, { one: "הודעה אחת שלא נקראה", two: "שתי הודעות שלא נקראו", other: "# הודעות שלא נקראו" }),
  // Presence
  presence: "הסטטוס שלך",
  available: "זמינים",
  away: "לא ליד המכשיר",
  dnd: "נא לא להפריע",
  invisible: "להופיע כלא מחוברים",
  unavailable: "לא מחוברים",
  members: (count, available) =>
    count === 1
      ? "בינתיים רק את/ה"
      : counted(LANGUAGE, count, { two: "שני חברים", other: "# חברים" }) +
        `, ${new Intl.NumberFormat(LANGUAGE).format(available)} מחוברים`,
  typing: (names) =>
    names.length === 1
      ? `${names[0]} מקליד/ה…`
      : names.length === 2
        ? `${names[0]} ו${names[1]} מקלידים…`
        : "כמה אנשים מקלידים…",
  // Messages
  messages: "הודעות",
  older: "טוען הודעות קודמות…",
  beginning: "כאן מתחילה השיחה.",
  newMessages: "הודעות חדשות",
  toNewest: "להודעה האחרונה",
  retracted: "ההודעה נמחקה.",
  blockedMessage: "הודעה ממי שחסמת.",
  edited: "נערכה",
  pending: "ממתינה לשליחה",
  sent: "נשלחה",
  delivered: "נמסרה",
  read: "נקראה",
  readBy: (names) => `נקראה על ידי ${listed(LANGUAGE, names)}`,
  refused: "לא נשלחה",
  discard: "מחיקת הטיוטה",
  earlier: "הודעה קודמת",
  attachment: "קובץ מצורף",
  react: "תגובה באמוג׳י",
  reactWith: (emoji) => `תגובה עם ${emoji}`,
  reaction: (emoji, names) => `${emoji} ${listed(LANGUAGE, names)}`,
  reply: "תשובה",
  edit: "עריכה",
  retract: "מחיקה",
  actions: "פעולות להודעה",
  copy: "העתקה",
  more: "הצגת הכול",
  less: "הצגת פחות",
  withdraw: "לא לשלוח",
  // Reports
  report: "דיווח",
  reporting: {
    ask: "לדווח על ההודעה הזאת?",
    reasons: {
      spam: "ספאם או פרסומת",
      abuse: "עלבונות או הטרדה",
      danger: "אלימות, איומים או פגיעה עצמית",
      other: "משהו אחר",
    },
    text: "מה כדאי שהמנחים ידעו? (לא חובה)",
    what: "המנחים רואים את ההודעה ואת שמך. מי שכתב אותה לא יידע על כך.",
    reported: "תודה. המנחים יבדקו את ההודעה ויחליטו מה לעשות בה.",
  },
  // Composer
  write: "כתיבת הודעה",
  writeTo: (title) => `הודעה אל ${title}`,
  send: "שליחה",
  replyingTo: (name) => `תשובה ל${name}`,
  editing: "עריכת ההודעה שלך",
  everybody: "כל מי שכאן",
  noPreview: "שליחה בלי תצוגה מקדימה",
  noVoice: "כאן אפשר לקרוא, אבל לא לכתוב.",
  // New conversations
  people: "אנשים",
  searchPeople: "חיפוש אנשים",
  nobodyFound: "לא נמצא אף אחד.",
  nobody: "אין לך עדיין אנשי קשר. אפשר ליצור חדר ולהזמין מישהו בקישור.",
  roomName: "שם החדר",
  optional: "לא חובה בשיחה של שניים",
  begin: "התחלה",
  code: "קוד הזמנה",
  join: "הצטרפות",
  joinAsk: "להצטרף לשיחה הזאת?",
  joinRoom: (title) => `להצטרף אל ”${title}“?`,
  invitedBy: (name, members) =>
    `הזמנה מאת ${name}. ${counted(LANGUAGE, members, { one: "אדם אחד נמצא שם.", two: "שני אנשים נמצאים שם.", other: "# אנשים נמצאים שם." })}`,
  joinWarning: "קישור הביא אותך לכאן. כדאי להצטרף רק אם ידוע לך מי שלח אותו: כל מי שנמצא שם רואה את שמך ואת מה שנכתב.",
  // Details
  rename: "שינוי שם",
  invite: "הזמנה בקישור",
  copied: "הועתק. אפשר לשלוח למי שרוצים לראות כאן.",
  mute: "השתקה",
  unmute: "ביטול ההשתקה",
  block: "חסימה",
  unblock: "ביטול החסימה",
  leave: "יציאה",
  sure: (action) => `${action}: בטוח?`,
  blocked: "חסום על ידך",
  roles: { owner: "בעלים", member: "", visitor: "מבקר" },
  // Notifications
  notify: "הפעלת התראות בשולחן העבודה",
  notifying: "כיבוי התראות בשולחן העבודה",
  // Connection
  connecting: "מתחבר…",
  yourName: "השם שלך",
  offline: "אין חיבור. מה שייכתב יישלח כשהחיבור יחזור.",
  failed: "אי אפשר להתחבר לצ׳אט.",
  failures: {
    unreachable: "אין גישה לצ׳אט.",
    unauthenticated: "לא מחוברים לחשבון.",
    token_unknown: "פג תוקף הגישה לצ׳אט.",
    origin_not_allowed: "הדף הזה אינו רשאי להשתמש בצ׳אט.",
    banned: "אין הרשאה להשתמש בצ׳אט הזה.",
    rate_limited: "יותר מדי בקשות. הצ׳אט יחזור בעוד רגע.",
    unavailable: "הצ׳אט אינו פועל. הוא יחזור בעוד רגע.",
  },
  problems: {
    rate_limited: "מהר מדי. אפשר לנסות שוב בעוד רגע.",
    slow_mode: "החדר הזה במצב איטי: יש להמתין מעט בין ההודעות.",
    banned: "אין הרשאה להשתמש בצ׳אט הזה.",
    message_not_found: "ההודעה הזאת כבר לא קיימת.",
    thread_not_found: "השיחה הזאת כבר לא קיימת.",
    forbidden: "אין הרשאה לעשות זאת כאן.",
    cannot_send: "אין הרשאה לכתוב כאן.",
    too_large: "זה ארוך מדי.",
    unreachable: "אין גישה לצ׳אט. אפשר לנסות שוב.",
    not_a_contact: "אין הרשאה לכתוב לאדם הזה.",
    not_found: "ההזמנה הזאת כבר לא בתוקף.",
    other: "זה לא הצליח.",
  },
};
