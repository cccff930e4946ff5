/** What stands behind the name of a guest, by language, as the widget has it in its own languages. */
const MARKS: Readonly<Record<string, string>> = {
  ...{ ar: " (ضيف)", de: " (Gast)", es: " (invitado)", fr: " (invité)", he: " (אורח)" },
  ...{ it: " (ospite)", ja: "（ゲスト）", pt: " (convidado)", zh: "（访客）" },
};

/** Returns a title that begins with a name of so many UTF-16 code units, which is a guest's, with their mark: a guest is called whatever they typed. */
export function withGuest(title: string, length: number, language: string): string {
  return title.slice(0, length) + (MARKS[language.slice(0, 2)] ?? " (guest)") + title.slice(length);
}
