/** The context menu of a message or a person; the bot's commands stand below "Apps", as in Discord. */

import { sendAction } from "./connection.js";
import { byId, h, icon } from "./dom.js";
import { runMenuCommand } from "./interactions.js";
import { messageLink } from "./messagelinks.js";
import { showingRefusal } from "./refusals.js";
import { state, userNamed } from "./store.js";

const USER_MENU = 2;
const MESSAGE_MENU = 3;
let open = null;

export function openMessageMenu(event, message) {
  if (event.target.closest?.("a, .name") && event.type === "contextmenu") return;
  if (message.ephemeral || (message.thinking && !state.deletable)) return;
  const erase = { label: "Delete message", run: () => showingRefusal(() => sendAction("delete", { message: message.id })) };
  const mayErase = state.deletable || message.author.id === state.person;
  show(event, "Message", [
    !message.thinking && apps(MESSAGE_MENU, { message: message.id }),
    message.content && { label: "Copy text", run: () => copy(message.content) },
    { label: "Copy message link", run: () => copy(messageLink(message)) },
    mayErase && erase,
    { label: "Copy message ID", run: () => copy(message.id) },
  ]);
}

export function openUserMenu(event, user) {
  event.stopPropagation();
  show(event, userNamed(user.id)?.name ?? user.name, [
    apps(USER_MENU, { user: user.id }),
    { label: "Copy user ID", run: () => copy(user.id) },
  ]);
}

const copy = (text) => navigator.clipboard?.writeText(text);

/** The bot's commands for such a target, or false where none is offered. */
function apps(type, target) {
  const items = state.commands
    .filter((one) => one.type === type)
    .map((one) => ({
      label: one.name,
      run: () => runMenuCommand(one.name, () => sendAction("use-on", { command: one.name, ...target })),
    }));
  return items.length > 0 && { label: "Apps", items };
}

/** `entries`: {label, run}, or {label, items} for a menu of its own; false ones are left out. */
function show(event, title, entries) {
  event.preventDefault();
  open?.();
  const from = event.currentTarget;
  const close = () => {
    menu.remove();
    document.removeEventListener("pointerdown", outside, true);
    open = null;
    if (from?.isConnected && from.focus) from.focus();
  };
  const outside = (other) => !menu.contains(other.target) && close();
  const menu = h(
    "div",
    { role: "menu", class: "menu", "aria-label": `${title}: commands` },
    entries.filter(Boolean).map((one) => (one.items ? submenu(one, close) : entry(one, close))),
  );
  menu.addEventListener("keydown", (key) => walk(key, close));
  (from?.closest?.("main, nav, aside") ?? byId("app")).append(menu);
  place(menu, event);
  document.addEventListener("pointerdown", outside, true);
  open = close;
  items(menu)[0].focus();
}

function entry(one, close) {
  const onclick = () => {
    close();
    one.run();
  };
  return h("button", { type: "button", role: "menuitem", class: "menu-item", tabindex: "-1", onclick }, one.label);
}

function submenu(one, close) {
  const list = h(
    "div",
    { role: "menu", class: "menu submenu", "aria-label": one.label, hidden: true },
    one.items.map((inner) => entry(inner, close)),
  );
  const props = {
    type: "button",
    role: "menuitem",
    class: "menu-item",
    tabindex: "-1",
    "aria-haspopup": "menu",
    "aria-expanded": "false",
    onclick: () => unfold(group, true),
  };
  const opener = h("button", props, one.label, icon("next"));
  const group = h("div", { role: "none", class: "menu-group" }, opener, list);
  group.addEventListener("pointerenter", () => unfold(group, true));
  group.addEventListener("pointerleave", () => unfold(group, false));
  return group;
}

function unfold(group, unfolded) {
  const [opener, list] = group.children;
  opener.setAttribute("aria-expanded", String(unfolded));
  list.hidden = !unfolded;
  list.classList.toggle("leftwards", opener.getBoundingClientRect().right + list.offsetWidth > innerWidth);
}

function place(menu, event) {
  const box = event.currentTarget?.getBoundingClientRect?.() ?? { left: 0, bottom: 0 };
  const [x, y] = event.clientX ? [event.clientX, event.clientY] : [box.left, box.bottom];
  menu.style.setProperty("left", `${Math.max(8, Math.min(x, innerWidth - menu.offsetWidth - 8))}px`);
  menu.style.setProperty("top", `${Math.max(8, Math.min(y, innerHeight - menu.offsetHeight - 8))}px`);
}

const items = (menu) => [...menu.querySelectorAll(":scope > .menu-item, :scope > .menu-group > .menu-item")];

function walk(event, close) {
  const at = document.activeElement;
  const around = items(at.closest(".menu"));
  const outer = at.closest(".submenu")?.parentElement;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") close();
  else if (step) around[(around.indexOf(at) + step + around.length) % around.length].focus();
  else if (["ArrowRight", "Enter", " "].includes(event.key) && at.matches(".menu-group > .menu-item")) enter(at.parentElement);
  else if (event.key === "ArrowLeft" && outer) leave(outer);
  else return;
  event.preventDefault();
}

function enter(group) {
  unfold(group, true);
  items(group.lastElementChild)[0].focus();
}

function leave(group) {
  group.firstElementChild.focus();
  unfold(group, false);
}
