import { css } from "lit";

/** The button of the launcher, and the panel above it. */
export const launcher = css`
  .launch {
    display: grid;
    place-content: center;
    position: relative;
    inline-size: 56px;
    block-size: 56px;
    border-radius: 50%;
    color: var(--on-accent);
    background: var(--accent);
    box-shadow: 0 4px 16px rgb(0 0 0 / 25%);
  }
  .launch .icon {
    inline-size: 26px;
    block-size: 26px;
  }
  .launch .badge {
    position: absolute;
    inset-block-start: -4px;
    inset-inline-end: -4px;
    color: #fff;
    background: #c81e1e;
  }
  .panel {
    position: fixed;
    inset: auto;
    inset-block-end: calc(max(20px, env(safe-area-inset-bottom)) + 68px);
    inset-inline-end: max(20px, env(safe-area-inset-right));
    inline-size: min(400px, calc(100vw - 40px));
    block-size: min(640px, calc(100dvh - 108px));
    max-inline-size: none;
    max-block-size: none;
    margin: 0;
    padding: 0;
    flex-direction: column;
    container-type: inline-size;
    overflow: hidden;
    color: var(--text);
    background: var(--background);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    box-shadow: 0 12px 40px rgb(0 0 0 / 25%);
  }
  .panel[open] {
    display: flex;
  }
  .shut {
    display: flex;
    justify-content: flex-end;
    padding: 4px 8px 0;
    background: var(--surface);
  }
  @media (max-width: 480px), (max-height: 480px) {
    .panel {
      inset: 0 auto auto 0;
      inline-size: 100vw;
      block-size: 100dvh;
      border: 0;
      border-radius: 0;
      padding: env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom)
        env(safe-area-inset-left);
    }
  }
  @media (forced-colors: active) {
    .launch {
      border: 1px solid;
    }
  }
`;
