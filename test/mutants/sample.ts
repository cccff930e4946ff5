import type { Chance } from "../faults/chance.js";

/** Draws `size` of some items, from as many groups as there are: a second one of a group only when each has one. */
export function sample<Item>(
  items: readonly Item[],
  groupOf: (item: Item) => string,
  size: number,
  chance: Chance,
): Item[] {
  const drawn = items.map((item) => ({ item, at: chance.between(0, 1) })).sort((a, b) => a.at - b.at);
  const taken = new Map<string, number>();
  const inTurn = drawn.map(({ item }) => {
    const turn = (taken.get(groupOf(item)) ?? 0) + 1;
    taken.set(groupOf(item), turn);
    return { item, turn };
  });
  return inTurn
    .sort((a, b) => a.turn - b.turn)
    .slice(0, size)
    .map(({ item }) => item);
}
