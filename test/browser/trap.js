// Runs in every frame, before all else: tells the console what a shown message does, and does to it what a reader could.
(() => {
  // biome-ignore lint/suspicious/noConsole: the console is what frames and their page have in common
  const note = (what) => console.error(what);
  for (const name of ["alert", "confirm", "prompt", "print", "open", "fetch", "MsgBox"]) {
    window[name] = (...given) => note(`${name}(${given})`);
  }
  addEventListener("securitypolicyviolation", (event) => note(`policy ${event.violatedDirective}`));
  addEventListener("submit", () => note("submit"), true);

  const TAGS = /^(b|i|em|strong|u|s|code|pre|blockquote|p|br|ul|ol|li|a)$/;
  const HTML = "http://www.w3.org/1999/xhtml";
  const leads = (link) => /^(https?|mailto):$/.test(link.protocol);

  // A link that leads somewhere honest may be followed; here it need not be. The browser says where it leads.
  const stay = (event) => {
    const link = event.target.closest?.("a[href]");
    if (link?.namespaceURI === HTML && leads(link)) event.preventDefault();
  };
  for (const name of ["click", "auxclick"]) addEventListener(name, stay, true);

  /** What the parser of this browser made of a message must be on the list, whatever it does or does not do. */
  const inspect = (element) => {
    const name = element.localName;
    if (element.namespaceURI !== HTML || !TAGS.test(name)) note(`<${name}>`);
    for (const { name: attribute } of element.attributes) {
      if (name !== "a" || !/^(href|rel|target)$/.test(attribute)) note(`<${name} ${attribute}>`);
    }
    if (name !== "a") return;
    if (!leads(element)) note(`<a href=${element.href}>`);
    if (element.origin === location.origin) note("<a> that leads into the page's own site");
    if (element.target !== "_blank" || !element.relList.contains("noopener")) note("<a> that gives the page away");
  };

  const touch = (element) => {
    for (const { name } of element.attributes) {
      if (name.startsWith("on")) element.dispatchEvent(new Event(name.slice(2), { bubbles: true }));
    }
    for (const name of ["mouseover", "mouseenter", "pointerenter", "mousedown", "auxclick", "keydown", "focusin"]) {
      element.dispatchEvent(new MouseEvent(name, { bubbles: true, cancelable: true, button: 1 }));
    }
    element.focus?.();
    if (element.click) element.click();
    else element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
  };

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const SVG = "http://www.w3.org/2000/svg";

  /** Shows a message in the places a page may have for it, also read out and put in again, and plays with it. Returns where a mouse finds it. */
  const show = async (html) => {
    const places = ["div", "p", "td", "pre"].map((name) => document.createElement(name));
    places.push(document.createElementNS(SVG, "foreignObject"));
    for (const place of places) {
      document.body.prepend(place);
      place.innerHTML = html;
      // Through the parser again: markup that mutates does it here.
      for (let time = 0; time < 2; time++) place.innerHTML = String(place.innerHTML);
    }
    const elements = places.flatMap((place) => [...place.querySelectorAll("*")]);
    for (const element of elements) inspect(element);
    await pause(10);
    for (const element of elements) touch(element);
    await pause(20);
    scrollTo(0, 0);
    const boxes = [...places[0].querySelectorAll("*")].slice(0, 3).map((element) => element.getBoundingClientRect());
    return boxes.map(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }));
  };

  const clear = () => document.body.replaceChildren();

  window.trap = { show, clear };
})();
