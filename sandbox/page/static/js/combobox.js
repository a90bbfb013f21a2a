/** A text field with a list to pick from, filled anew for what is typed. */

import { freshId, h, refill } from "./dom.js";

const PAUSE = 180;

/** `find(typed)` → items {label, value, mark?}; `slow`: ask only after a pause in typing. */
export function combobox({ label, find, slow = false }) {
  const listId = freshId("list");
  const list = h("ul", {
    class: "suggestions small",
    role: "listbox",
    id: listId,
    "aria-label": `Choices for ${label}`,
    hidden: true,
  });
  const control = h("input", {
    type: "text",
    class: "option-input",
    autocomplete: "off",
    spellcheck: "false",
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": listId,
  });
  let items = [];
  let active = -1;
  let picked;
  let asked = 0;
  let timer = 0;

  const close = () => {
    list.hidden = true;
    control.setAttribute("aria-expanded", "false");
    control.setAttribute("aria-activedescendant", "");
  };
  const mark = () => {
    [...list.children].forEach((row, index) => {
      row.classList.toggle("active", index === active);
      if (items.length) row.setAttribute("aria-selected", String(index === active));
    });
    control.setAttribute("aria-activedescendant", active >= 0 ? `${listId}-${active}` : "");
    list.children[active]?.scrollIntoView({ block: "nearest" });
  };
  const show = (found, nothing) => {
    items = found;
    active = found.length ? 0 : -1;
    const rows = found.map((one, index) =>
      h(
        "li",
        {
          class: "option",
          role: "option",
          id: `${listId}-${index}`,
          onpointerdown: (event) => {
            event.preventDefault();
            take(one);
          },
        },
        one.mark?.(),
        h("span", { class: "option-text" }, one.label),
      ),
    );
    refill(list, rows, !found.length && h("li", { class: "option none" }, nothing));
    list.hidden = false;
    control.setAttribute("aria-expanded", String(found.length > 0));
    mark();
  };
  const take = (one) => {
    picked = one.value;
    control.value = one.label;
    close();
    control.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  };
  const ask = async () => {
    const mine = ++asked;
    try {
      const found = await find(picked === undefined ? control.value.trim() : "");
      if (mine === asked && document.activeElement === control) show(found, "No options match your search");
    } catch {
      if (mine === asked) show([], "Loading options failed");
    }
  };
  control.addEventListener("input", () => {
    const same = items.find((one) => one.value === picked && one.label === control.value);
    if (same) return;
    picked = undefined;
    clearTimeout(timer);
    timer = setTimeout(ask, slow ? PAUSE : 0);
  });
  control.addEventListener("focus", () => picked === undefined && ask());
  control.addEventListener("blur", close);
  control.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && items.length) active = (active + step + items.length) % items.length;
    else if ((event.key === "Enter" || event.key === "Tab") && items[active] && picked === undefined) {
      take(items[active]);
      if (event.key === "Tab") return;
    } else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    mark();
  });
  return {
    element: h("div", { class: "combobox" }, control, list),
    control,
    typed: () => control.value.trim(),
    picked: () => picked,
  };
}
