import { css } from "lit";

/** The list of messages. */
export const log = css`
  nereid-log {
    position: relative;
    display: block;
    flex: 1;
    min-block-size: 0;
  }
  .log {
    display: flex;
    flex-direction: column-reverse;
    block-size: 100%;
    overflow-y: auto;
    overflow-x: hidden;
    overscroll-behavior: contain;
    scrollbar-width: thin;
  }
  .log:focus-visible {
    outline-offset: -2px;
  }
  .rows {
    padding: 12px 16px 4px;
  }
  .edge {
    padding: 8px;
    text-align: center;
  }
  /* Older messages come between these and what the reader sees: a view that stays at them would ask for the next page. */
  .edge,
  .day,
  .since {
    overflow-anchor: none;
  }
  .day {
    margin-block: 14px 8px;
    text-align: center;
    font-size: 12.5px;
  }
  .since {
    display: flex;
    align-items: center;
    gap: 10px;
    margin-block: 12px;
    font-size: 12.5px;
    font-weight: 600;
    color: var(--danger);
  }
  .since::before,
  .since::after {
    content: "";
    flex: 1;
    block-size: 1px;
    background: currentColor;
    opacity: 0.4;
  }
  .newest {
    position: absolute;
    inset-block-end: 12px;
    inset-inline-end: 16px;
    display: grid;
    place-items: center;
    inline-size: 38px;
    block-size: 38px;
    border: 1px solid var(--line);
    border-radius: 50%;
    background: var(--background);
    box-shadow: 0 2px 10px rgb(0 0 0 / 0.14);
  }
`;
