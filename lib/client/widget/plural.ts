/** The forms of a text with a number in it, by the categories of Unicode CLDR. `#` stands for the number; `other` serves what is left out. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/**
 * Returns the form of a text that a number takes in a language.
 *
 * @example counted("ru", 3, { one: "# файл", few: "# файла", other: "# файлов" }) // "3 файла"
 */
export function counted(language: string, count: number, forms: Forms): string {
  const form = forms[new Intl.PluralRules(language).select(count)] ?? forms.other;
  return form.replace("#", new Intl.NumberFormat(language).format(count));
}

/** Joins names as a language does: "Ann, Ben and Cid". */
export function listed(language: string, names: readonly string[]): string {
  return new Intl.ListFormat(language, { type: "conjunction" }).format(names);
}
