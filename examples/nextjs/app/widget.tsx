"use client";

import "nereid-chat/widget";

export function Widget() {
  return <nereid-chat />;
}
