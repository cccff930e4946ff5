import { css } from "lit";

/** The actions on a message: a toolbar, or a sheet at the lower edge of the screen. */
export const tools = css`
  nereid-tools {
    display: contents;
  }
  .tools {
    position: absolute;
    inset-block-start: -18px;
    inset-inline-end: 8px;
    display: flex;
    align-items: center;
    padding: 2px;
    border: 1px solid var(--line);
    border-radius: 11px;
    background: var(--background);
    box-shadow: 0 2px 10px rgb(0 0 0 / 0.12);
    z-index: 2;
  }
  /* Reactions to the message before are targets, too. */
  .row:has(.reactions) + .row .tools {
    inset-block-start: 0;
  }
  .row.own .tools {
    inset-inline: auto 8px;
  }
  .tools .tool {
    inline-size: 30px;
    block-size: 30px;
    border-radius: 8px;
  }
  .tools .icon {
    inline-size: 18px;
    block-size: 18px;
  }
  .tools .emoji {
    font-size: 17px;
    line-height: 1;
  }
  :is(.tools, .drawn) > .emoji {
    font-family: "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", sans-serif;
  }
  .word {
    display: none;
  }
  .drawer {
    inset: auto 0 0;
    inline-size: min(520px, 100vw);
    max-inline-size: none;
    max-block-size: 80dvh;
    margin: 0 auto;
    padding: 8px;
    padding-block-end: calc(8px + env(safe-area-inset-bottom, 0px));
    border: 0;
    border-radius: 18px 18px 0 0;
    color: var(--text);
    background: var(--background);
    box-shadow: 0 -6px 30px rgb(0 0 0 / 0.28);
    font: inherit;
    -webkit-user-select: none;
    user-select: none;
  }
  .drawer::backdrop {
    background: rgb(8 12 14 / 0.45);
  }
  .drawn {
    display: flex;
    flex-wrap: wrap;
  }
  .drawn > button {
    display: flex;
    align-items: center;
    gap: 14px;
    inline-size: 100%;
    min-block-size: 48px;
    padding: 10px 14px;
    font-size: 16px;
    color: var(--text);
  }
  .drawn > .emoji {
    justify-content: center;
    flex: 1;
    min-inline-size: 48px;
    inline-size: auto;
    padding: 4px;
    font-size: 26px;
  }
  .drawn .word {
    display: inline;
  }
  @media (forced-colors: active) {
    .drawer {
      border: 1px solid;
    }
  }
`;
