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
  /* It grows upwards when the history comes, and what is in it stays where it is. Browsers count the box as a shift of the page, unless it is a sticky one; to this edge it never sticks. */
  .rows {
    position: sticky;
    inset-inline-start: -9999px;
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
  .log {
    scroll-padding-block: 40px 8px;
  }
  /* The day of what is being read is in view while the reader scrolls. At rest, it would cover the text. */
  .moving .day {
    position: sticky;
    inset-block-start: 6px;
    z-index: 1;
    pointer-events: none;
  }
  .day span {
    padding: 3px 10px;
    border: 1px solid var(--line);
    border-radius: 12px;
    background: var(--background);
  }
  .unread {
    position: absolute;
    inset-block-start: 10px;
    inset-inline: 0;
    display: flex;
    align-items: center;
    gap: 6px;
    inline-size: fit-content;
    margin-inline: auto;
    padding: 5px 14px 5px 10px;
    border-radius: 16px;
    font-size: 13px;
    font-weight: 600;
    color: var(--on-accent);
    background: var(--accent);
    box-shadow: 0 2px 10px rgb(0 0 0 / 0.14);
    z-index: 2;
  }
  .unread .icon {
    inline-size: 16px;
    block-size: 16px;
  }
  /* Where files are drawn once their part is loaded. */
  canvas.place {
    display: block;
    max-inline-size: min(320px, 100%);
    max-block-size: 320px;
    min-inline-size: 44px;
    margin-block: 4px;
  }
  span.place {
    display: block;
    margin-block: 4px 2px;
    padding: 9px 11px;
    font-size: 14px;
  }
  nereid-attachments:defined > .place {
    display: none;
  }
  .newest .badge {
    position: absolute;
    inset-block-start: -9px;
    inset-inline-end: -5px;
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
