import { css } from "lit";

/** The menu of a conversation; the sheet that it is on touch screens has the style of the actions on a message. */
export const menu = css`
  .menu {
    margin: 0;
    inset: auto;
    min-inline-size: 200px;
    max-inline-size: min(300px, calc(100vw - 16px));
    padding: 6px;
    border: 1px solid var(--line);
    border-radius: 12px;
    color: var(--text);
    background: var(--background);
    box-shadow: 0 8px 30px rgb(0 0 0 / 0.22);
    font: inherit;
  }
  .menu::backdrop {
    background: none;
  }
  .menu .drawn > button {
    min-block-size: 38px;
    padding: 7px 10px;
    font-size: 14.5px;
  }
  :is(.menu, .drawer) .drawn > p {
    inline-size: 100%;
    padding: 4px 10px 6px;
    font-size: 13px;
  }
  .drawn > .danger {
    color: var(--danger);
  }
  .drawn > .sure {
    color: #ffffff;
  }
`;
