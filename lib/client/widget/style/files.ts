import { css } from "lit";

/** Files, in messages and in the input. */
export const files = css`
  nereid-file {
    display: block;
    max-inline-size: 100%;
    margin-block: 4px;
  }
  .frame {
    position: relative;
    display: grid;
    max-inline-size: 100%;
    overflow: hidden;
    border-radius: 12px;
    background: color-mix(in srgb, currentColor 9%, transparent);
  }
  .shot {
    cursor: zoom-in;
  }
  .shot:disabled {
    cursor: default;
  }
  .frame > :is(img, canvas, video) {
    grid-area: 1 / 1;
    inline-size: 100%;
    block-size: 100%;
    min-block-size: 0;
    object-fit: cover;
  }
  .film > video {
    object-fit: contain;
    background: #000;
  }
  .film > .tool {
    position: absolute;
    inset-block-start: 6px;
    inset-inline-end: 6px;
    color: #fff;
    background: rgb(0 0 0 / 0.6);
  }
  .sound {
    display: grid;
    gap: 2px;
    inline-size: min(300px, 100%);
  }
  .sound > audio {
    inline-size: 100%;
    min-inline-size: 220px;
  }
  nereid-file progress {
    display: block;
    appearance: none;
    inline-size: 100%;
    min-inline-size: 160px;
    block-size: 6px;
    margin-block-start: 5px;
    overflow: hidden;
    border: 0;
    border-radius: 3px;
    background: color-mix(in srgb, currentColor 28%, transparent);
  }
  progress::-webkit-progress-bar {
    background: transparent;
  }
  progress::-webkit-progress-value {
    background: currentColor;
  }
  progress::-moz-progress-bar {
    background: currentColor;
  }
  .file > .icon {
    flex: none;
  }
  nereid-attachments,
  nereid-unsent {
    display: block;
  }
  nereid-attach {
    display: contents;
  }
  nereid-attach[hidden] {
    display: none;
  }
  .write:has(nereid-attach) {
    flex-wrap: wrap;
  }
  .write .attach {
    border-radius: 50%;
  }
  .write .refusal:empty {
    display: none;
  }
  .write .refusal,
  .tray {
    order: -1;
    flex: 1 0 100%;
    min-inline-size: 0;
  }
  .write .refusal {
    padding-inline: 12px;
  }
  .tray {
    display: grid;
    gap: 4px;
    max-block-size: 220px;
    overflow-y: auto;
    scrollbar-width: thin;
  }
  .chip {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 8px;
    padding-inline-start: 8px;
    border-radius: 16px;
    background: var(--hover);
  }
  .chip > .cut {
    flex: 1;
    min-inline-size: 60px;
  }
  .chip > small {
    color: var(--muted);
    white-space: nowrap;
  }
  .chip > .field {
    flex: 1 0 calc(100% - 16px);
    inline-size: auto;
    margin-block-end: 6px;
    margin-inline-end: 8px;
  }
  nereid-thumbnail {
    display: grid;
    place-items: center;
    flex: none;
    inline-size: 32px;
    block-size: 32px;
    overflow: hidden;
    border-radius: 8px;
  }
  nereid-thumbnail > canvas {
    inline-size: 100%;
    block-size: 100%;
    object-fit: cover;
  }
  nereid-conversation[data-drop] {
    position: relative;
  }
  nereid-conversation[data-drop]::after {
    content: attr(data-drop);
    position: absolute;
    inset: 8px;
    display: grid;
    place-items: center;
    border: 2px dashed var(--focus);
    border-radius: 14px;
    font-weight: 600;
    background: color-mix(in srgb, var(--background) 88%, transparent);
    pointer-events: none;
    z-index: 4;
  }
  @media (pointer: coarse) {
    .write .refusal {
      padding-block: 6px;
    }
  }
  @media (forced-colors: active) {
    nereid-file progress,
    .frame,
    .chip {
      border: 1px solid;
    }
  }
`;
