import { css } from "lit";

/** The panel with formats and emoji. */
export const emojiPicker = css`
  .emoji-picker {
    display: flex;
    flex-direction: column;
    gap: 8px;
    margin-block-end: 6px;
    padding: 8px;
    border: 1px solid var(--line);
    border-radius: 12px;
    background: var(--background);
  }
  .formats {
    display: flex;
    gap: 8px;
  }
  .formats .field {
    margin: 0;
  }
  .formats > .tool:last-child {
    margin-inline-start: auto;
  }
  .formats code {
    font: 600 13px/1 ui-monospace, "SF Mono", Menlo, Consolas, monospace;
  }
  .tone {
    inline-size: auto;
    flex: none;
  }
  .all {
    block-size: 200px;
    overflow-y: auto;
    scrollbar-width: thin;
  }
  .emoji-group {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(40px, 1fr));
    justify-items: center;
    padding-block: 2px 6px;
    content-visibility: auto;
    contain-intrinsic-block-size: auto 300px;
  }
  .emoji-group:empty,
  .emoji-picker > .none:empty {
    display: none;
  }
  .emoji-group > .tool,
  .tone {
    /* Some fonts of text have a few emoji, without colours. */
    font-family: "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", sans-serif;
  }
  .emoji-group > .tool {
    font-size: 22px;
    line-height: 1;
    color: var(--text);
  }
  @media (pointer: coarse) {
    .emoji-group {
      grid-template-columns: repeat(auto-fill, minmax(44px, 1fr));
    }
  }
  @media (max-height: 560px) {
    .all {
      block-size: 110px;
    }
  }
`;
