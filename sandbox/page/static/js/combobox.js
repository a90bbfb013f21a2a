/** A text field with a list to pick from, filled anew for what is typed. */

import { freshId, h, setChildren } from "./dom.js";

const PAUSE = 180;

/** `find(typed)` → items {label, value, mark?}; `slow`: search only after a pause in typing, until which Enter takes
 * what was typed, as it does where nothing matches. `taken(value)` after each choice; `lazy`: nothing is chosen by Enter
 * before something was typed. */
export function combobox({ label, find, slow = false, taken = () => {}, lazy = false }) {
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
  let chosenValue;
  let asked = 0;
  let outdated = false;
  let timer = 0;
  let finding = Promise.resolve();

  const close = () => {
    list.hidden = true;
    control.setAttribute("aria-expanded", "false");
    control.setAttribute("aria-activedescendant", "");
  };
  const markActive = () => {
    [...list.children].forEach((row, index) => {
      row.classList.toggle("active", index === active);
      if (items.length) row.setAttribute("aria-selected", String(index === active));
    });
    control.setAttribute("aria-activedescendant", active >= 0 ? `${listId}-${active}` : "");
    list.children[active]?.scrollIntoView({ block: "nearest" });
  };
  const show = (found, nothing) => {
    items = found;
    outdated = false;
    active = found.length && !(lazy && !control.value.trim()) ? 0 : -1;
    const rows = found.map((one, index) =>
      h(
        "li",
        {
          class: "option",
          role: "option",
          id: `${listId}-${index}`,
          onpointerdown: (event) => {
            event.preventDefault();
            choose(one);
          },
        },
        one.mark?.(),
        h("span", { class: "option-text" }, one.label),
      ),
    );
    setChildren(list, rows, !found.length && h("li", { class: "option none", role: "option", "aria-disabled": "true" }, nothing));
    list.hidden = !found.length && !nothing;
    control.setAttribute("aria-expanded", String(found.length > 0));
    markActive();
  };
  const choose = (one) => {
    chosenValue = one.value;
    control.value = one.label;
    close();
    control.dispatchEvent(new Event("input", { bubbles: true }));
    close();
    taken(one.value);
  };
  const search = async () => {
    const mine = ++asked;
    try {
      const found = await find(chosenValue === undefined ? control.value.trim() : "");
      if (mine === asked && document.activeElement === control) show(found, slow ? "" : "No options match your search");
    } catch {
      if (mine === asked) show([], "Loading options failed");
    }
  };
  control.addEventListener("input", () => {
    const same = items.find((one) => one.value === chosenValue && one.label === control.value);
    if (same) return;
    chosenValue = undefined;
    outdated = true;
    clearTimeout(timer);
    if (slow) timer = setTimeout(search, PAUSE);
    else finding = search();
  });
  control.addEventListener("focus", () => chosenValue === undefined && search());
  control.addEventListener("blur", close);
  /** Whoever types fast means what the list is about to show. */
  const takeOnceFound = async () => {
    await finding;
    if (items[active] && chosenValue === undefined) choose(items[active]);
  };
  control.addEventListener("keydown", (event) => {
    if (!slow && event.key === "Enter" && control.value.trim() && chosenValue === undefined) {
      event.preventDefault();
      takeOnceFound();
      return;
    }
    if (list.hidden) return;
    const asTyped = outdated || items[active]?.value === control.value.trim();
    if (event.key === "Enter" && asTyped) return close();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && items.length) active = (Math.max(active, step < 0 ? 0 : -1) + step + items.length) % items.length;
    else if ((event.key === "Enter" || event.key === "Tab") && items[active] && chosenValue === undefined) {
      choose(items[active]);
      if (event.key === "Tab") return;
    } else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    markActive();
  });
  return {
    element: h("div", { class: "combobox" }, control, list),
    control,
    typed: () => control.value.trim(),
    picked: () => chosenValue,
    clear: () => {
      chosenValue = undefined;
      control.value = "";
      close();
    },
  };
}
