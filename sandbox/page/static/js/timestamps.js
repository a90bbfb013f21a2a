/** Timestamps: Discord's `<t:…>` in its seven styles, and relative ones, which are kept up to date. */

import { h } from "./dom.js";
import { on, state } from "./store.js";

const UNITS = [
  ["year", 31536000],
  ["month", 2592000],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];
const DAY = 24 * 60 * 60 * 1000;
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** The sandbox's clock, which may have been moved ahead of this machine's; in milliseconds. */
const now = () => Date.now() + ahead() * 1000;
const ahead = () => state.status?.ahead ?? 0;

function relativeText(seconds) {
  const away = seconds - now() / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(away) >= length) ?? UNITS.at(-1);
  return relative.format(Math.round(away / size), unit);
}

const format = (seconds, style) =>
  new Intl.DateTimeFormat("en", STYLES[style] ?? STYLES.f).format(seconds * 1000);

export function timestamp(seconds, style = "f") {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return document.createTextNode("Invalid Date");
  const shown = style === "R" ? relativeText(seconds) : format(seconds, style);
  const about = { datetime: date.toISOString(), title: format(seconds, "F"), class: "stamp" };
  return h("time", style === "R" ? { ...about, data: { relative: seconds } } : about, shown);
}

/** When a message was sent, as Discord writes it beside the author. */
export function messageTime(iso) {
  const about = { datetime: iso, class: "clock", title: format(new Date(iso) / 1000, "F") };
  return h("time", about, messageTimeText(iso));
}

function messageTimeText(iso) {
  const date = new Date(iso);
  const at = new Intl.DateTimeFormat("en", { timeStyle: "short" }).format(date);
  if (date.toDateString() === dayAt(now())) return at;
  if (date.toDateString() === dayAt(now() - DAY)) return `Yesterday at ${at}`;
  return new Intl.DateTimeFormat("en", { dateStyle: "short", timeStyle: "short" }).format(date);
}

const dayAt = (milliseconds) => new Date(milliseconds).toDateString();

/** To the millisecond, for who follows what happens. */
export function timeOfDay(seconds) {
  const at = new Date(seconds * 1000);
  return `${at.toTimeString().slice(0, 8)}.${String(at.getMilliseconds()).padStart(3, "0")}`;
}

/** Which day it is here, where that is not the machine's; else "". */
export function clockNotice() {
  const days = Math.round((ahead() * 1000) / DAY);
  if (!days) return "";
  const style = { weekday: "short", month: "short", day: "numeric" };
  const date = new Intl.DateTimeFormat("en", style).format(now());
  return days === 1 ? `Tomorrow: ${date}` : `In ${days} days: ${date}`;
}

export function startClock() {
  let day = dayAt(now());
  const tick = () => {
    updateTimes("time[data-relative]", (element) => relativeText(Number(element.dataset.relative)));
    if (day === dayAt(now())) return;
    day = dayAt(now());
    updateTimes("time.clock", (element) => messageTimeText(element.dateTime));
  };
  setInterval(tick, 1000);
  on("status", tick);
}

function updateTimes(selector, textOf) {
  for (const element of document.querySelectorAll(selector)) {
    const text = textOf(element);
    if (element.textContent !== text) element.textContent = text;
  }
}
