import type { FileStrings } from "../file-strings.js";

/** The texts about files, in Arabic. */
export const files: FileStrings = {
  attach: "إرفاق ملفات",
  photo: "التقاط صورة",
  attached: "ملفات رسالتك",
  drop: "أفلت الملفات هنا لإرفاقها",
  remove: (name) => `إزالة ${name}`,
  describe: (name) => `وصف ${name}`,
  description: "ماذا يظهر فيها؟",
  enlarge: (name) => `تكبير ${name}`,
  previous: "السابق",
  next: "التالي",
  download: (name) => `تنزيل ${name}`,
  uploading: (name) => `جارٍ رفع ${name}`,
  cancel: "إلغاء",
  again: "إعادة المحاولة",
  gone: "لم يعد هذا الملف موجودًا.",
  tooLarge: (name, max) => `حجم ${name} أكبر من ${max}.`,
  wrongType: (name) => `لا يمكن هنا إرسال ملفات مثل ${name}.`,
  empty: (name) => `${name} فارغ أو تتعذر قراءته.`,
  tooMany: (max) => `عدد الملفات في الرسالة الواحدة لا يتجاوز ${max}.`,
  problems: {
    too_large: "أحد الملفات كبير جدًا.",
    invalid: "لا يمكن إرسال أحد الملفات هنا، أو أنه ليس كما يدل اسمه.",
    unreadable: "تغيّر أحد الملفات أو أزيل بعد اختياره. اختره مرة أخرى.",
    not_found: "لا يمكن إرسال ملفات هنا.",
    rate_limited: "لقد أرسلت ملفات كثيرة. سيتابَع الرفع تلقائيًا لاحقًا.",
    unreachable: "انقطع الرفع، وسيتابَع تلقائيًا.",
  },
};
