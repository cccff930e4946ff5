import type { ReactiveController, ReactiveControllerHost } from "lit";

type Host = ReactiveControllerHost & HTMLElement;

/** Takes files that are dropped onto the conversation around an element, or pasted into its form. */
export class Dropping implements ReactiveController {
  /** What is shown over the conversation while files are dragged over it. Without it, nothing is taken. */
  hint: string | undefined;
  readonly #host: Host;
  readonly #taken: (files: File[]) => void;
  #place: HTMLElement | null = null;
  #form: HTMLElement | null = null;

  constructor(host: Host, taken: (files: File[]) => void) {
    this.#host = host;
    this.#taken = taken;
    host.addController(this);
  }

  hostConnected(): void {
    this.#place = this.#host.closest<HTMLElement>("nereid-conversation");
    this.#form = this.#host.closest("form");
    this.#place?.addEventListener("dragover", this.#over);
    this.#place?.addEventListener("dragleave", this.#leave);
    this.#place?.addEventListener("drop", this.#drop);
    this.#form?.addEventListener("paste", this.#paste);
  }

  hostDisconnected(): void {
    this.#end();
    this.#place?.removeEventListener("dragover", this.#over);
    this.#place?.removeEventListener("dragleave", this.#leave);
    this.#place?.removeEventListener("drop", this.#drop);
    this.#form?.removeEventListener("paste", this.#paste);
  }

  readonly #over = (event: DragEvent) => {
    if (this.hint === undefined || !hasFiles(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    this.#place?.setAttribute("data-drop", this.hint);
  };

  readonly #leave = ({ relatedTarget }: DragEvent) => {
    const inside = relatedTarget instanceof Node && this.#place?.contains(relatedTarget) === true;
    if (!inside) this.#end();
  };

  readonly #drop = (event: DragEvent) => {
    this.#end();
    if (this.hint === undefined || !hasFiles(event)) return;
    // The browser would leave the page and show the file.
    event.preventDefault();
    const items = [...(event.dataTransfer?.items ?? [])];
    const files = items
      .filter((it) => it.webkitGetAsEntry()?.isDirectory !== true)
      .flatMap((it) => it.getAsFile() ?? []);
    this.#taken(files);
  };

  /** What is a text as well, such as cells of a table, is pasted as one. */
  readonly #paste = (event: ClipboardEvent) => {
    const { files, types } = event.clipboardData ?? new DataTransfer();
    if (this.hint === undefined || files.length === 0 || types.includes("text/plain")) return;
    event.preventDefault();
    this.#taken([...files]);
  };

  #end(): void {
    this.#place?.removeAttribute("data-drop");
  }
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes("Files") === true;
}
