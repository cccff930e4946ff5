import { html, type PropertyDeclarations } from "lit";
import { kindOf } from "./file-kind.js";
import * as icons from "./icons.js";
import { define, Part } from "./part.js";
import { drawPicture } from "./picture-canvas.js";

/** A small picture of a file that was chosen; for what is no picture, a sheet of paper. */
class Thumbnail extends Part {
  static override properties: PropertyDeclarations = { content: { attribute: false }, drawn: { state: true } };
  declare content: Blob;
  declare drawn: HTMLCanvasElement | undefined;

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("content")) void this.#draw(this.content);
  }

  protected override render() {
    return html`${this.drawn ?? icons.file}`;
  }

  async #draw(content: Blob): Promise<void> {
    this.drawn = undefined;
    if (kindOf({ contentType: content.type }) !== "picture") return;
    const canvas = document.createElement("canvas");
    const size = await drawPicture(canvas, content);
    if (size !== undefined && content === this.content) this.drawn = canvas;
  }
}

define("nereid-thumbnail", Thumbnail);
