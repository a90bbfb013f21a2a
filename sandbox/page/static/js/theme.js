/** Dark or light: the system's theme, unless another was chosen. */

import { h, icon } from "./dom.js";

const KEPT = "sandbox-theme";
const system = matchMedia("(prefers-color-scheme: light)");

export function themeButton() {
  apply(localStorage.getItem(KEPT));
  return h(
    "button",
    {
      type: "button",
      class: "icon-button",
      title: "Dark or light",
      "aria-label": "Switch between dark and light",
      onclick: () => {
        const next = current() === "light" ? "dark" : "light";
        localStorage.setItem(KEPT, next);
        apply(next);
      },
    },
    icon("theme"),
  );
}

const current = () => document.documentElement.dataset.theme ?? (system.matches ? "light" : "dark");

function apply(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
}
