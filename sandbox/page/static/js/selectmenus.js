/** A select menu in a message or a modal: of strings, members, roles, channels. */

import { avatar } from "./avatars.js";
import { freshId, h, icon } from "./dom.js";
import { pickable } from "./store.js";
import { popup } from "./listpopup.js";

const KINDS = { 5: "user", 6: "role", 7: "mentionable", 8: "channel" };
const SIGNS = { role: "@", channel: "#" };

/** Calls `chosen(values)` each time a choice is complete; `element.values` are those at the moment. Its name is what
 * `labelId` says, if there is one, and what is chosen.
 */
export function select(menu, chosen, labelId = null) {
  const offered = options(menu);
  const most = menu.max_values ?? 1;
  let values = initial(menu, offered);
  const label = h("span", { class: "select-label", id: freshId("chosen") });
  const button = h(
    "button",
    {
      type: "button",
      class: "select",
      disabled: menu.disabled,
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-labelledby": labelId && `${labelId} ${label.id}`,
      data: { control: menu.custom_id },
      onclick: () => popup(button, { items: offered, values, most, least: menu.min_values ?? 1, done: take }),
    },
    label,
    icon("down"),
  );
  const show = () => {
    const names = offered.filter((one) => values.includes(one.value)).map((one) => one.label);
    label.textContent = names.join(", ") || menu.placeholder || "Make a selection";
    label.classList.toggle("placeholder", names.length === 0);
    if (!labelId)
      button.setAttribute(
        "aria-label",
        `${menu.placeholder || "Selection"}: ${names.join(", ") || "nothing chosen"}`,
      );
    button.values = values;
  };
  const take = (picked) => {
    values = picked;
    show();
    chosen(values);
  };
  show();
  return button;
}

function initial(menu, offered) {
  if (menu.default_values) return menu.default_values.map((one) => one.id);
  return offered.filter((one) => one.default).map((one) => one.value);
}

function options(menu) {
  if (menu.type === 3) return menu.options.map((one) => ({ ...one, hint: one.description ?? "" }));
  const kind = KINDS[menu.type];
  return pickable(kind, menu.channel_types).map((one) => ({
    value: one.id,
    label: one.name.replace(/^@/, ""),
    hint: one.kind === "role" ? "role" : "",
    mark: () => (one.kind === "user" ? avatar(one, "small") : h("span", { class: "hash" }, SIGNS[one.kind])),
  }));
}
