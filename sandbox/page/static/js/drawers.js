/** The drawers at the side: what if, the traffic, the bot's log. One is open at a time. */

import { selectView } from "./connection.js";
import { byId, h, icon } from "./dom.js";
import { logView } from "./log.js";
import { emit, on } from "./store.js";
import { themeButton } from "./theme.js";
import { trafficView } from "./traffic.js";
import { faultsView } from "./faults.js";

const DRAWERS = {
  "what-if": { title: "What if…", sign: "sparkle", view: faultsView },
  traffic: { title: "Traffic", sign: "traffic", view: trafficView },
  log: { title: "The bot's log", sign: "log", view: logView },
};
const views = {};
let open = "";

export function startDrawers() {
  for (const [name, one] of Object.entries(DRAWERS)) byId("tools").append(button(name, one));
  byId("tools").append(themeButton());
  on("drawer-wanted", (name) => open === name || toggle(name));
  byId("drawer").addEventListener("keydown", (event) => event.key === "Escape" && toggle(open));
}

function button(name, one) {
  return h(
    "button",
    {
      type: "button",
      class: "tool",
      id: `open-${name}`,
      title: one.title,
      "aria-expanded": "false",
      "aria-controls": "drawer",
      onclick: () => toggle(name),
    },
    icon(one.sign),
    h("span", { class: "tool-name" }, one.title),
  );
}

function toggle(name) {
  const before = open;
  open = open === name ? "" : name;
  for (const known of Object.keys(DRAWERS))
    byId(`open-${known}`).setAttribute("aria-expanded", String(known === open));
  byId("app").classList.toggle("drawer-open", open !== "");
  byId("drawer").hidden = open === "";
  if (open) show(open);
  else byId(`open-${before}`).focus();
  selectView({ drawer: open });
}

function show(name) {
  const view = (views[name] ??= DRAWERS[name].view());
  const close = h(
    "button",
    { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => toggle(name) },
    icon("close"),
  );
  byId("drawer").setAttribute("aria-label", DRAWERS[name].title);
  byId("drawer").replaceChildren(
    h("header", { class: "drawer-head" }, h("h2", {}, DRAWERS[name].title), close),
    view,
  );
  close.focus();
  emit("drawer", name);
}
