import { counted, listed } from "../plural.js";
import type { Strings } from "../strings.js";

const LANGUAGE = "ar";

/** All texts of the widget, in Arabic. */
export const strings: Strings = {
  chat: "الدردشة",
  openChat: "فتح الدردشة",
  closeChat: "إغلاق الدردشة",
  chats: "الدردشات",
  conversations: "المحادثات",
  search: "بحث",
  messagesFound: "الرسائل",
  nothingFound: "لم يُعثر على شيء ضمن ما جرى تحميله.",
  searching: "جارٍ البحث…",
  olderConversations: "جارٍ تحميل المحادثات الأقدم…",
  noConversations: "لا توجد محادثات بعد.",
  start: "محادثة جديدة",
  pick: "اختر محادثة أو ابدأ محادثة جديدة.",
  back: "العودة إلى المحادثات",
  details: "التفاصيل",
  close: "إغلاق",
  cancel: "إلغاء",
  save: "حفظ",
  untitled: "أنت وحدك",
  you: "أنت",
  guest: (name) => `${name} (ضيف)`,
  unread: (count) =>
    counted(LANGUAGE, count, {
      zero: "لا رسائل غير مقروءة",
      one: "رسالة واحدة غير مقروءة",
      two: "رسالتان غير مقروءتين",
      few: "# رسائل غير مقروءة",
      many: "# رسالة غير مقروءة",
      other: "# رسالة غير مقروءة",
    }),
  // Presence
  presence: "حالتك",
  available: "متاح",
  away: "بعيد",
  dnd: "عدم الإزعاج",
  invisible: "الظهور غير متصل",
  unavailable: "غير متصل",
  members: (count, available) =>
    count === 1
      ? "أنت وحدك حتى الآن"
      : counted(LANGUAGE, count, { two: "عضوان", few: "# أعضاء", many: "# عضوًا", other: "# عضو" }) +
        `، المتصلون: ${new Intl.NumberFormat(LANGUAGE).format(available)}`,
  typing: (names) =>
    names.length === 1
      ? `${names[0]} يكتب…`
      : names.length === 2
        ? `${names[0]} و${names[1]} يكتبان…`
        : "عدة أشخاص يكتبون…",
  // Messages
  messages: "الرسائل",
  older: "جارٍ تحميل الرسائل الأقدم…",
  beginning: "هنا تبدأ المحادثة.",
  newMessages: "رسائل جديدة",
  toNewest: "إلى أحدث رسالة",
  retracted: "حُذفت هذه الرسالة.",
  blockedMessage: "رسالة من شخص حظرته.",
  edited: "معدّلة",
  pending: "في انتظار الإرسال",
  sent: "أُرسلت",
  delivered: "سُلّمت",
  read: "قُرئت",
  readBy: (names) => `قرأها ${listed(LANGUAGE, names)}`,
  refused: "لم تُرسل",
  discard: "تجاهل",
  earlier: "رسالة سابقة",
  attachment: "مرفق",
  react: "تفاعل",
  reactWith: (emoji) => `التفاعل بـ ${emoji}`,
  reaction: (emoji, names) => `${emoji} ${listed(LANGUAGE, names)}`,
  reply: "رد",
  edit: "تعديل",
  retract: "حذف",
  actions: "إجراءات الرسالة",
  copy: "نسخ",
  more: "عرض الكل",
  less: "عرض أقل",
  withdraw: "عدم الإرسال",
  // Composer
  write: "اكتب رسالة",
  writeTo: (title) => `رسالة إلى ${title}`,
  send: "إرسال",
  replyingTo: (name) => `الرد على ${name}`,
  editing: "تعديل رسالتك",
  everybody: "كل من هنا",
  noPreview: "إرسال بلا معاينة",
  noVoice: "يمكنك القراءة هنا، لكن لا يمكنك الكتابة.",
  // New conversations
  people: "الأشخاص",
  searchPeople: "البحث عن أشخاص",
  nobodyFound: "لم يُعثر على أحد.",
  nobody: "ليس لديك جهات اتصال بعد. أنشئ غرفة وادعُ شخصًا برابط.",
  roomName: "اسم الغرفة",
  optional: "اختياري بين اثنين",
  begin: "ابدأ",
  code: "رمز الدعوة",
  join: "انضمام",
  joinAsk: "هل تريد الانضمام إلى هذه المحادثة؟",
  joinRoom: (title) => `هل تريد الانضمام إلى «${title}»؟`,
  invitedBy: (name, members) =>
    `الدعوة من ${name}. ${counted(LANGUAGE, members, { zero: "لا أحد هناك.", one: "هناك شخص واحد.", two: "هناك شخصان.", few: "هناك # أشخاص.", many: "هناك # شخصًا.", other: "هناك # شخص." })}`,
  joinWarning: "جاء بك رابط إلى هنا. انضم فقط إذا كنت تعرف مرسله: كل من هناك يرى اسمك وما تكتبه.",
  // Details
  rename: "إعادة تسمية",
  invite: "دعوة برابط",
  copied: "تم النسخ. أرسله إلى من تريد أن تراه هنا.",
  mute: "كتم",
  unmute: "إلغاء الكتم",
  block: "حظر",
  unblock: "إلغاء الحظر",
  leave: "مغادرة",
  sure: (action) => `${action}: هل أنت متأكد؟`,
  blocked: "حظرته",
  roles: { owner: "المالك", member: "", visitor: "زائر" },
  // Notifications
  notify: "تشغيل إشعارات سطح المكتب",
  notifying: "إيقاف إشعارات سطح المكتب",
  // Connection
  connecting: "جارٍ الاتصال…",
  offline: "لا يوجد اتصال. سيُرسل ما تكتبه عند عودته.",
  failed: "تعذر الاتصال بالدردشة.",
  failures: {
    unreachable: "تعذر الوصول إلى الدردشة.",
    unauthenticated: "لم تسجّل الدخول.",
    token_unknown: "انتهت صلاحية وصولك إلى الدردشة.",
    origin_not_allowed: "لا يُسمح لهذه الصفحة باستخدام الدردشة.",
    rate_limited: "طلبات كثيرة جدًا. ستعود الدردشة بعد لحظات.",
    unavailable: "الدردشة معطلة. ستعود بعد لحظات.",
  },
  problems: {
    rate_limited: "كان ذلك سريعًا جدًا. حاول مجددًا بعد لحظات.",
    message_not_found: "لم تعد هذه الرسالة موجودة.",
    thread_not_found: "لم تعد هذه المحادثة موجودة.",
    forbidden: "لا يُسمح لك بذلك هنا.",
    cannot_send: "لا يُسمح لك بالكتابة هنا.",
    too_large: "هذا طويل جدًا.",
    unreachable: "تعذر الوصول إلى الدردشة. حاول مجددًا.",
    not_a_contact: "لا يُسمح لك بمراسلة هذا الشخص.",
    not_found: "لم تعد هذه الدعوة صالحة.",
    other: "لم ينجح ذلك.",
  },
};
