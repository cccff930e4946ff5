import { css } from "lit";

/** The two panes: side by side, or one of them where the widget is narrow. */
export const layout = css`
  .panes {
    display: grid;
    grid-template: minmax(0, 1fr) / minmax(0, 1fr);
    flex: 1;
    min-block-size: 0;
  }
  .panes > * {
    grid-area: 1 / 1;
    display: flex;
    flex-direction: column;
    min-inline-size: 0;
    min-block-size: 0;
  }
  nereid-roster {
    background: var(--surface);
  }
  .panes.talking > nereid-roster,
  .panes:not(.talking) > :not(nereid-roster) {
    display: none;
  }
  @container (min-width: 620px) {
    .panes:not(.single) {
      grid-template-columns: minmax(230px, 32%) minmax(0, 1fr);
    }
    .panes:not(.single) > nereid-roster {
      display: flex;
      border-inline-end: 1px solid var(--line);
    }
    .panes:not(.single) > :not(nereid-roster) {
      display: flex;
      grid-column: 2;
    }
    .panes:not(.single) .return {
      display: none;
    }
  }
  .single .return {
    display: none;
  }
  .empty {
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 12px;
    flex: 1;
    padding: 32px;
    text-align: center;
    color: var(--muted);
  }
  .guest {
    flex: 1;
    justify-content: center;
    align-self: center;
    inline-size: min(100%, 360px);
  }
  .notice {
    padding: 7px 16px;
    font-size: 13px;
    text-align: center;
    color: var(--on-notice);
    background: var(--notice);
  }
  .toast {
    position: absolute;
    inset-block-end: 84px;
    inset-inline: 16px;
    margin-inline: auto;
    inline-size: fit-content;
    max-inline-size: calc(100% - 32px);
    padding: 9px 14px;
    border-radius: 10px;
    color: var(--on-toast);
    background: var(--toast);
    z-index: 3;
  }
`;
