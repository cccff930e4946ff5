/** Creates an element with attributes and content; text stays text, whatever stands in it. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...content: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...content);
  return made;
}

/** Creates a button, which is disabled while what it does is under way. */
export function button(name: string, act: () => unknown, kind = ""): HTMLButtonElement {
  const made = element("button", { type: "button", class: kind }, name);
  made.addEventListener("click", async () => {
    if (made.getAttribute("aria-disabled") === "true") return;
    // Not `disabled`, which would take the focus away.
    made.setAttribute("aria-disabled", "true");
    try {
      await act();
    } finally {
      made.removeAttribute("aria-disabled");
    }
  });
  return made;
}

/** Creates a button for what cannot be undone: it takes a second press, and asks for it until the focus leaves. */
export function dangerousButton(name: string, act: () => unknown): HTMLButtonElement {
  let asked = false;
  const made = button(
    name,
    async () => {
      if (!asked) {
        asked = true;
        made.textContent = `${name}: are you sure?`;
        return;
      }
      reset();
      await act();
    },
    "danger",
  );
  const reset = () => {
    asked = false;
    made.textContent = name;
  };
  made.addEventListener("blur", reset);
  return made;
}

/** Creates a time as the reader writes it. */
export function time(timestamp: string): HTMLElement {
  return element("time", { datetime: timestamp }, new Date(timestamp).toLocaleString());
}
