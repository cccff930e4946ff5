import type { LinkOffer } from "./link-offer.js";
import type { MentionPicker } from "./mention-picker.js";

/** Completes names and offers previews of links. Both are loaded when somebody begins to write; without them, text is text. */
export class WritingAids {
  picker: MentionPicker | undefined;
  links: LinkOffer | undefined;
  readonly #changed: () => void;
  #loading: Promise<void> | undefined;

  /** Calls `changed` when there is another choice or offer. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Loads them, once, and then calls `loaded`. After a failure, the next call tries again. */
  load(loaded: () => void): void {
    this.#loading ??= this.#load().then(loaded, () => {
      this.#loading = undefined;
    });
  }

  /** Forgets what the text was, since another one begins. */
  reset(): void {
    this.picker?.reset();
    this.links?.reset();
  }

  async #load(): Promise<void> {
    const [{ MentionPicker }, { LinkOffer }] = await Promise.all([
      import("./mention-picker.js"),
      import("./link-offer.js"),
    ]);
    this.picker = new MentionPicker(this.#changed);
    this.links = new LinkOffer(this.#changed);
  }
}
