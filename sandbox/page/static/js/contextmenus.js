/** The context menu of a message or a person, with the bot's commands. */

import { sendAction } from "./connection.js";
import { byId, h } from "./dom.js";
import { runMenuCommand } from "./interactions.js";
import { showingRefusal } from "./refusals.js";
import { state, userNamed } from "./store.js";

const USER_MENU = 2;
const MESSAGE_MENU = 3;
let open = null;

export function openMessageMenu(event, message) {
  if (event.target.closest?.("a, .name") && event.type === "contextmenu") return;
  if (message.ephemeral || (message.thinking && !state.deletable)) return;
  const items = state.commands
    .filter((one) => one.type === MESSAGE_MENU && !message.thinking)
    .map((one) => ({
      label: one.name,
      run: () => runMenuCommand(one.name, () => sendAction("use-on", { command: one.name, message: message.id })),
    }));
  const erase = { label: "Delete message", run: () => showingRefusal(() => sendAction("delete", { message: message.id })) };
  show(event, "Message", [
    ...items,
    ...(state.deletable ? [erase] : []),
    { label: "Copy message ID", run: () => navigator.clipboard?.writeText(message.id) },
  ]);
}

export function openUserMenu(event, user) {
  event.stopPropagation();
  const items = state.commands
    .filter((one) => one.type === USER_MENU)
    .map((one) => ({
      label: one.name,
      run: () => runMenuCommand(one.name, () => sendAction("use-on", { command: one.name, user: user.id })),
    }));
  show(event, userNamed(user.id)?.name ?? user.name, [
    ...items,
    { label: "Copy user ID", run: () => navigator.clipboard?.writeText(user.id) },
  ]);
}

function show(event, title, items) {
  event.preventDefault();
  open?.();
  const from = event.currentTarget;
  const menu = h(
    "div",
    { role: "menu", class: "menu", "aria-label": `${title}: commands` },
    items.map((one) =>
      h(
        "button",
        {
          type: "button",
          role: "menuitem",
          class: "menu-item",
          tabindex: "-1",
          onclick: () => {
            close();
            one.run();
          },
        },
        one.label,
      ),
    ),
  );
  const close = () => {
    menu.remove();
    document.removeEventListener("pointerdown", outside, true);
    open = null;
    if (from?.isConnected && from.focus) from.focus();
  };
  const outside = (other) => !menu.contains(other.target) && close();
  menu.addEventListener("keydown", (key) => walk(key, menu, close));
  (from?.closest?.("main, nav, aside") ?? byId("app")).append(menu);
  place(menu, event);
  document.addEventListener("pointerdown", outside, true);
  open = close;
  menu.firstElementChild.focus();
}

function place(menu, event) {
  const box = event.currentTarget?.getBoundingClientRect?.() ?? { left: 0, bottom: 0 };
  const [x, y] = event.clientX ? [event.clientX, event.clientY] : [box.left, box.bottom];
  menu.style.setProperty("left", `${Math.max(8, Math.min(x, innerWidth - menu.offsetWidth - 8))}px`);
  menu.style.setProperty("top", `${Math.max(8, Math.min(y, innerHeight - menu.offsetHeight - 8))}px`);
}

function walk(event, menu, close) {
  const items = [...menu.children];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") close();
  else if (step) items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  else return;
  event.preventDefault();
}
