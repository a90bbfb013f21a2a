/** The line above a reply: who used which command. */

import { avatar } from "./avatars.js";
import { h } from "./dom.js";
import { openUserMenu } from "./contextmenus.js";
import { rankOf } from "./store.js";

export function headline(user, command) {
  const name = h(
    "button",
    {
      type: "button",
      class: `name rank-${rankOf(user.id)}`,
      onclick: (event) => openUserMenu(event, user),
      oncontextmenu: (event) => openUserMenu(event, user),
    },
    user.name,
  );
  return h(
    "div",
    { class: "used" },
    avatar(user, "tiny"),
    name,
    " used ",
    h("span", { class: "used-command" }, command),
  );
}
