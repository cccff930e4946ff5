import type { FileStrings } from "../file-strings.js";

/** The texts about files, in Hebrew. */
export const files: FileStrings = {
  attach: "צירוף קבצים",
  photo: "צילום תמונה",
  attached: "הקבצים של ההודעה",
  drop: "אפשר לשחרר כאן קבצים כדי לצרף אותם",
  remove: (name) => `הסרת ${name}`,
  describe: (name) => `תיאור של ${name}`,
  description: "מה רואים?",
  enlarge: (name) => `הגדלת ${name}`,
  previous: "הקודם",
  next: "הבא",
  download: (name) => `הורדת ${name}`,
  uploading: (name) => `${name} בהעלאה`,
  cancel: "ביטול",
  again: "ניסיון נוסף",
  gone: "הקובץ הזה כבר לא קיים.",
  tooLarge: (name, max) => `הקובץ ${name} גדול מ־${max}.`,
  wrongType: (name) => `אי אפשר לשלוח כאן קבצים כמו ${name}.`,
  empty: (name) => `הקובץ ${name} ריק או שאי אפשר לקרוא אותו.`,
  tooMany: (max) => `בהודעה יש לכל היותר ${max} קבצים.`,
  problems: {
    too_large: "קובץ אחד גדול מדי.",
    invalid: "קובץ אחד אינו יכול להישלח כאן, או שאינו מה ששמו אומר.",
    unreadable: "קובץ אחד השתנה או הוסר אחרי שנבחר. יש לבחור אותו שוב.",
    not_found: "אי אפשר לשלוח כאן קבצים.",
    rate_limited: "שלחת קבצים רבים. ההעלאה תימשך מעצמה מאוחר יותר.",
    unreachable: "ההעלאה נקטעה. היא תימשך מעצמה.",
  },
};
