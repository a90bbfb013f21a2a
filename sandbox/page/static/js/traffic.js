/** The traffic between the bot, Discord and the image API. */

import { h, setChildren } from "./dom.js";
import { on } from "./store.js";
import { timeOfDay } from "./timestamps.js";

const KINDS = {
  discord: "to Discord",
  "gateway event": "from Discord",
  "bot event": "to the gateway",
  "image api": "to the image API",
};
const MOST = 500;

export function trafficView() {
  const rows = new Map();
  const list = h("ol", { class: "traffic" });
  const empty = h(
    "p",
    { class: "drawer-note" },
    "Nothing yet. Each REST call, gateway event and request to the image API appears here.",
  );
  const hidden = new Set();
  const filters = Object.entries(KINDS).map(([kind, label]) =>
    h(
      "button",
      {
        type: "button",
        class: `pill kind-${slug(kind)}`,
        "aria-pressed": "true",
        onclick: (event) => {
          if (!hidden.delete(kind)) hidden.add(kind);
          event.currentTarget.setAttribute("aria-pressed", String(!hidden.has(kind)));
          list.classList.toggle(`without-${slug(kind)}`, hidden.has(kind));
        },
      },
      label,
    ),
  );
  on("restart", () => {
    rows.clear();
    list.replaceChildren();
  });
  on("traffic", (entries) => {
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
    for (const entry of entries) put(list, rows, entry);
    while (rows.size > MOST) drop(rows);
    empty.hidden = rows.size > 0;
    if (atEnd) list.scrollTop = list.scrollHeight;
  });
  return h(
    "div",
    { class: "drawer-body column" },
    h("div", { class: "filters", role: "group", "aria-label": "Show" }, filters),
    empty,
    list,
  );
}

const slug = (kind) => kind.replace(/\s/g, "-");

function put(list, rows, entry) {
  const known = rows.get(entry.number);
  const element = known ?? h("li", { class: `traffic-row kind-${slug(entry.kind)}` });
  const open = known?.querySelector("details")?.open;
  setChildren(element, row(entry));
  if (open) element.querySelector("details").open = true;
  if (!known) {
    rows.set(entry.number, element);
    list.append(element);
  }
}

function drop(rows) {
  const [number, element] = rows.entries().next().value;
  element.remove();
  rows.delete(number);
}

function row(entry) {
  const line = [
    h("span", { class: "traffic-time" }, timeOfDay(entry.at)),
    h("span", { class: "traffic-kind" }, KINDS[entry.kind]),
    h("span", { class: "traffic-title", title: entry.title }, withoutIds(entry.title)),
    result(entry),
  ];
  if (!entry.body && !entry.detail) return h("div", { class: "traffic-line" }, line);
  const seen = (event) => event.target.open && event.target.scrollIntoView({ block: "nearest" });
  return h(
    "details",
    { ontoggle: seen },
    h("summary", { class: "traffic-line" }, line),
    entry.detail && h("p", { class: "traffic-detail" }, entry.detail),
    entry.body && h("pre", { tabindex: "0" }, entry.body),
  );
}

// In a narrow column an id takes a line and says nothing.
const withoutIds = (title) => title.replace(/\b\d{15,}\b/g, "…");

function result(entry) {
  if (entry.kind.endsWith("event")) return null;
  if (entry.seconds === null) return h("span", { class: "traffic-status waiting" }, "…");
  const status = entry.status === null ? "cut" : String(entry.status);
  const kind = entry.status !== null && entry.status < 400 ? "good" : "bad";
  return h("span", { class: `traffic-status ${kind}` }, `${status} · ${spent(entry.seconds)}`);
}

const spent = (seconds) => (seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`);
