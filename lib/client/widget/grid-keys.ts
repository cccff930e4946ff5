/** Returns the element to which an arrow key leads in rows of elements. */
export function neighbour(all: readonly HTMLElement[], at: number, key: string): HTMLElement | undefined {
  const here = all[at]?.getBoundingClientRect();
  const beside = { ArrowLeft: -1, ArrowRight: 1 }[key];
  const turned = all[at]?.matches(":dir(rtl)") ? -1 : 1;
  if (beside !== undefined) return all[at + beside * turned];
  if (here === undefined || (key !== "ArrowUp" && key !== "ArrowDown")) return undefined;
  const others = key === "ArrowDown" ? all.slice(at + 1) : all.slice(0, at).reverse();
  const row = others.find((it) => Math.abs(it.getBoundingClientRect().top - here.top) > here.height / 2);
  const top = row?.getBoundingClientRect().top;
  const distance = (it: HTMLElement) => Math.abs(it.getBoundingClientRect().left - here.left);
  return others.filter((it) => it.getBoundingClientRect().top === top).sort((a, b) => distance(a) - distance(b))[0];
}
