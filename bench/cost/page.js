import { cheapest, fixedStore, freeStore, hobby, listPrices, payAsYouGo, pro } from "./bill.js";
import { DAY, KEPT_MONTHS, MONTHLY_PER_DAILY, month } from "./month.js";
import { others } from "./others.js";
import { SOURCES } from "./price-list.js";

// The page at /cost: the formulas of docs/cost.md with the reader's own numbers.

const USERS = 1_000;
const FIRST = {
  ...{ ...DAY, users: USERS, monthly: USERS * MONTHLY_PER_DAILY, months: KEPT_MONTHS },
  ...{ idlePercent: DAY.idleShare * 100, hiddenPercent: DAY.hiddenShare * 100 },
};

const find = (id) => document.getElementById(id);
const form = find("numbers");
const field = (name) => form.querySelector(`[name="${name}"]`);
const number = (name) => Number(field(name).value);
const money = (dollars) => dollars.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const count = (value) => value.toLocaleString("en", { maximumSignificantDigits: 3 });
const shown = ({ dollars, why }) => (dollars === undefined ? why : money(dollars));

for (const [name, value] of Object.entries(FIRST)) {
  const input = field(name);
  if (input !== null) input.value = value;
}
for (const { page, read } of Object.values(SOURCES)) {
  const [item, link] = [document.createElement("li"), document.createElement("a")];
  link.href = page;
  link.textContent = page;
  item.append(link, ` (${read})`);
  find("sources").append(item);
}
form.addEventListener("input", show);
show();

function show() {
  const wrong = [...form.querySelectorAll("input")].find(({ validity }) => !validity.valid);
  find("wrong").textContent = wrong === undefined ? "" : `${nameOf(wrong)}: ${wrong.validationMessage}`;
  if (wrong !== undefined) return;
  const entered = Object.keys(DAY).filter((name) => field(name) !== null);
  const day = {
    ...Object.fromEntries(entered.map((name) => [name, number(name)])),
    ...{ idleShare: number("idlePercent") / 100, hiddenShare: number("hiddenPercent") / 100 },
  };
  const [kind, seconds] = field("way").value.split(" ");
  const [users, months] = [number("users"), number("months")];
  const meters = month(users, { [kind]: Number(seconds) }, day);
  const sum = cheapest(meters, months).dollars;
  find("cheapest").textContent =
    `$${money(sum)} a month on the cheapest plans that fit: ${count((sum / users) * 100)} cents for each daily user.`;
  fill("meters", usage(meters, months));
  fill("bill", bill(meters, months));
  fill(
    "others",
    others(users, number("monthly"), day, months).map(({ name, price }) => [name, shown(price)]),
  );
}

function usage({ commands, gbHours, cpuHours, requests, wireGb, storedGb, instances }, months) {
  return [
    ["Requests", count(requests)],
    ["Commands of the store", count(commands)],
    ["Memory, GB-hours", count(gbHours)],
    ["CPU, hours", count(cpuHours)],
    ["Instances awake by day", count(instances)],
    ["Stored, GB", count(storedGb * months)],
    ["Read from the store, GB", count(wireGb)],
  ];
}

function bill(meters, months) {
  const fixed = fixedStore(meters, months);
  const list = Object.values(listPrices(meters)).reduce((sum, it) => sum + it, 0);
  return [
    ["Vercel at list prices", money(list)],
    ["Vercel Hobby", shown(hobby(meters))],
    ["Vercel Pro, with what it includes", shown(pro(meters))],
    ["Upstash free", shown(freeStore(meters, months))],
    ["Upstash pay as you go", shown(payAsYouGo(meters, months))],
    [`Upstash fixed${fixed.name ? `, ${fixed.name}` : ""}`, shown(fixed)],
  ];
}

function fill(id, rows) {
  find(id).replaceChildren(
    ...rows.map(([name, value]) => {
      const [row, head, cell] = ["tr", "th", "td"].map((it) => document.createElement(it));
      head.scope = "row";
      head.textContent = name;
      cell.textContent = value;
      row.append(head, cell);
      return row;
    }),
  );
}

function nameOf(input) {
  return input.labels[0]?.firstChild?.textContent.trim() ?? input.name;
}
