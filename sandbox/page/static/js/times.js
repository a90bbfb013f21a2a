/** Timestamps: Discord's `<t:…>` in its seven styles, and those that count along. */

import { h } from "./dom.js";

const UNITS = [
  ["year", 31536000],
  ["month", 2592000],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

function fromNow(seconds) {
  const away = seconds - Date.now() / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(away) >= length) ?? UNITS.at(-1);
  return relative.format(Math.round(away / size), unit);
}

const format = (seconds, style) =>
  new Intl.DateTimeFormat("en", STYLES[style] ?? STYLES.f).format(seconds * 1000);

export function stamp(seconds, style = "f") {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return document.createTextNode("Invalid Date");
  const shown = style === "R" ? fromNow(seconds) : format(seconds, style);
  const about = { datetime: date.toISOString(), title: format(seconds, "F"), class: "stamp" };
  return h("time", style === "R" ? { ...about, data: { relative: seconds } } : about, shown);
}

/** When a message was written, as Discord says it in its head. */
export function clock(iso) {
  const date = new Date(iso);
  const today = date.toDateString() === new Date().toDateString();
  const style = today ? { timeStyle: "short" } : { dateStyle: "short", timeStyle: "short" };
  const about = { datetime: iso, class: "clock", title: format(date / 1000, "F") };
  return h("time", about, new Intl.DateTimeFormat("en", style).format(date));
}

export function keepTime() {
  setInterval(() => {
    for (const element of document.querySelectorAll("time[data-relative]")) {
      const text = fromNow(Number(element.dataset.relative));
      if (element.textContent !== text) element.textContent = text;
    }
  }, 1000);
}
