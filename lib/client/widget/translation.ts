import { inherited, languageOf } from "./language.js";
import { ENGLISH, type Strings } from "./strings.js";

type Loaded = { readonly strings: Strings };

// Each is a file of its own, loaded where it is used.
const LANGUAGES: Readonly<Record<string, () => Promise<Loaded>>> = {
  ar: () => import("./languages/ar.js"),
  de: () => import("./languages/de.js"),
  es: () => import("./languages/es.js"),
  fr: () => import("./languages/fr.js"),
  he: () => import("./languages/he.js"),
  it: () => import("./languages/it.js"),
  ja: () => import("./languages/ja.js"),
  pt: () => import("./languages/pt.js"),
  "zh-Hans": () => import("./languages/zh-hans.js"),
};
const RIGHT_TO_LEFT = ["ar", "he"];

// The element shows nothing for at most this long, rather than English for a moment first.
const PATIENCE_MS = 1_000;

/** Keeps the texts of an element in its language, also when `lang` changes. Where there is no translation, or it cannot be loaded, they are English. */
export class Translation {
  readonly #element: HTMLElement;
  readonly #changed: () => void;
  readonly #observer: MutationObserver;
  /** The language of dates and numbers, as a BCP 47 tag. */
  language = "en";
  strings: Strings = ENGLISH;
  /** Whether the texts are those of the language, or are not to be waited for. */
  settled = false;
  #key: string | undefined;
  #turned = false;

  /** Calls `changed` when the texts or the language have changed. */
  constructor(element: HTMLElement, changed: () => void) {
    this.#element = element;
    this.#changed = changed;
    this.#observer = new MutationObserver(() => this.#update());
  }

  connect(): void {
    const attributes = { attributes: true, attributeFilter: ["lang"] };
    this.#observer.observe(document.documentElement, attributes);
    this.#observer.observe(this.#element, attributes);
    this.#update();
  }

  disconnect(): void {
    this.#observer.disconnect();
  }

  #update(): void {
    const language = languageOf(this.#element);
    if (language === this.language && this.settled) return;
    this.language = language;
    const key = keyOf(language);
    if (key !== this.#key || !this.settled) void this.#load(key);
    else this.#changed();
  }

  async #load(key: string | undefined): Promise<void> {
    this.#key = key;
    const load = key === undefined ? undefined : LANGUAGES[key];
    if (load === undefined) {
      this.#show(ENGLISH, undefined);
      return;
    }
    const timer = setTimeout(() => this.#settle(), PATIENCE_MS);
    const loaded = await attempt(load);
    clearTimeout(timer);
    if (this.#key === key) this.#show(loaded?.strings ?? ENGLISH, loaded && key);
  }

  #show(strings: Strings, key: string | undefined): void {
    this.strings = strings;
    this.#turn(key !== undefined && RIGHT_TO_LEFT.includes(key));
    this.#settle();
  }

  #settle(): void {
    this.settled = true;
    this.#changed();
  }

  /** Texts of a right-to-left language are laid out so in a page that does not say its direction. */
  #turn(rightToLeft: boolean): void {
    if (this.#turned) this.#element.removeAttribute("dir");
    this.#turned = rightToLeft && inherited(this.#element, "dir") === undefined;
    if (this.#turned) this.#element.dir = "rtl";
  }
}

// Without the file, the texts are English: better than none.
async function attempt(load: () => Promise<Loaded>): Promise<Loaded | undefined> {
  try {
    return await load();
  } catch {
    return undefined;
  }
}

/** Returns which translation serves a language; undefined for none. */
export function keyOf(tag: string): string | undefined {
  const { language, script } = new Intl.Locale(tag).maximize();
  const keys = [`${language}-${script}`, language];
  return keys.find((key) => Object.hasOwn(LANGUAGES, key));
}
