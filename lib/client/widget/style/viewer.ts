import { css } from "lit";

/** A picture or a film as large as the window. */
export const viewer = css`
  .viewer {
    inline-size: 100vw;
    max-inline-size: none;
    block-size: 100dvh;
    max-block-size: none;
    padding: 0;
    border: 0;
    color: #fff;
    background: #0a0c0e;
    font: inherit;
  }
  .viewer .stage {
    display: grid;
    place-items: center;
    grid-template: minmax(0, 1fr) / minmax(0, 1fr);
    block-size: 100%;
    padding: 60px 0 16px;
  }
  .viewer .stage > :is(img, video) {
    max-inline-size: 100%;
    max-block-size: 100%;
    touch-action: pan-x pan-y pinch-zoom;
  }
  .viewer .top {
    position: absolute;
    inset-block-start: 8px;
    inset-inline: 16px 8px;
    margin: 0;
  }
  .viewer .top > .cut {
    flex: 1;
  }
  .viewer .tool {
    inline-size: 44px;
    block-size: 44px;
    color: #fff;
    background: rgb(0 0 0 / 0.6);
  }
  .viewer :focus-visible {
    outline-color: #fff;
  }
  .viewer :is(.previous, .next) {
    position: absolute;
    inset-block-start: calc(50% - 22px);
  }
  .viewer .previous {
    inset-inline-start: 8px;
  }
  .viewer .next {
    inset-inline-end: 8px;
  }
  @media (forced-colors: active) {
    .viewer .tool {
      border: 1px solid;
    }
  }
`;
