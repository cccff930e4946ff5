import { css } from "lit";

/** The conversations, and the search above them. */
export const roster = css`
  .bar {
    display: flex;
    align-items: center;
    gap: 4px;
    flex: none;
    block-size: 60px;
    padding-inline: 16px 10px;
  }
  .bar h2 {
    flex: 1 0 auto;
    font-size: 18px;
    font-weight: 700;
    letter-spacing: -0.01em;
  }
  .seek {
    position: relative;
    flex: none;
    padding: 0 12px 10px;
  }
  .seek .icon {
    position: absolute;
    inset-block-start: 10px;
    inset-inline-start: 22px;
    inline-size: 17px;
    block-size: 17px;
    color: var(--muted);
  }
  .seek .field {
    padding-block: 7px;
    padding-inline: 34px 10px;
    font-size: 14px;
  }
  .field[type="search"] {
    margin-block-end: 6px;
  }
  .threads {
    flex: 1;
    min-block-size: 0;
    overflow-y: auto;
    padding: 0 8px 8px;
    scrollbar-width: thin;
  }
  .threads h3 {
    margin: 12px 8px 4px;
    font-weight: 600;
  }
  .thread {
    display: flex;
    align-items: center;
    gap: 11px;
    inline-size: 100%;
    padding: 9px 10px;
    border-radius: 12px;
    transition: background 0.12s;
  }
  .thread:hover {
    background: var(--hover);
  }
  .thread:focus-visible {
    outline-offset: -2px;
  }
  .thread[aria-current] {
    background: var(--chosen);
  }
  .thread .dot {
    border-color: var(--surface);
  }
  .threads li {
    position: relative;
  }
  .act {
    display: none;
    position: absolute;
    inset-block-start: 50%;
    inset-inline-end: 8px;
    translate: 0 -50%;
    background: var(--surface);
  }
  @media (hover: hover) {
    .threads li:is(:hover, :focus-within) > .act {
      display: grid;
    }
  }
  .aside {
    flex: none;
    padding: 8px 16px;
    border-block-start: 1px solid var(--line);
    font-size: 13px;
    text-align: start;
  }
  .aside[aria-pressed="true"] {
    font-weight: 600;
    color: var(--text);
    background: var(--chosen);
  }
  .about {
    flex: 1;
    min-inline-size: 0;
  }
  .line {
    display: flex;
    align-items: center;
    gap: 6px;
    min-block-size: 21px;
  }
  .line b {
    flex: 1;
    font-weight: 600;
  }
  .line time {
    font-size: 12px;
    white-space: nowrap;
  }
  .preview {
    flex: 1;
    font-size: 13.5px;
    text-align: start;
  }
  .mute .icon {
    inline-size: 14px;
    block-size: 14px;
    color: var(--muted);
  }
  .badge {
    flex: none;
    min-inline-size: 20px;
    padding: 0 6px;
    border-radius: 10px;
    font-size: 12px;
    font-weight: 700;
    line-height: 20px;
    text-align: center;
    color: var(--on-accent);
    background: var(--accent);
  }
  .badge.muted {
    color: var(--text);
    background: var(--line);
  }
  .none {
    padding: 16px 12px;
  }
`;
