/** A list box beside a control, to choose one or several items from. */

import { freshId, h } from "./dom.js";

let open = null;

/** `items`: {value, label, hint?, mark?, group?}, those of a group together; `done(values)` once, unless it is left with Escape. */
export function popup(anchor, { items, values, most, least, done }) {
  if (open) open.close();
  const picked = new Set(values);
  const search =
    items.length > 8 &&
    h("input", { type: "text", class: "popup-search", placeholder: "Search", "aria-label": "Search" });
  const list = h("ul", {
    role: "listbox",
    class: "popup-list",
    tabindex: "0", // it may have to be scrolled
    "aria-multiselectable": most > 1 && "true",
    "aria-label": anchor.getAttribute("aria-label") ?? "Choices",
  });
  const box = h(
    "div",
    { class: "popup" },
    search,
    list,
    most > 1 &&
      h("button", { type: "button", class: "button primary popup-done", onclick: () => finish() }, "Done"),
  );
  let frame = 0;
  const close = () => {
    cancelAnimationFrame(frame);
    box.remove();
    anchor.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
    open = null;
  };
  const finish = () => {
    const chosen = items.filter((one) => picked.has(one.value)).map((one) => one.value);
    close();
    anchor.focus();
    if (chosen.length >= least) done(chosen);
  };
  const outside = (event) => {
    if (box.contains(event.target) || anchor.contains(event.target)) return;
    if (most > 1) finish();
    else close();
  };
  const toggle = (one) => {
    if (most === 1) picked.clear();
    if (picked.has(one.value)) picked.delete(one.value);
    else if (picked.size < most) picked.add(one.value);
    if (most === 1) finish();
    else draw();
  };
  let active = Math.max(
    0,
    items.findIndex((one) => picked.has(one.value)),
  );
  let shown = items;
  const draw = () => {
    const words = search ? search.value.toLowerCase() : "";
    shown = items.filter((one) => `${one.label} ${one.hint ?? ""}`.toLowerCase().includes(words));
    active = Math.min(active, Math.max(0, shown.length - 1));
    list.replaceChildren(
      ...shown.flatMap((one, index) => [
        one.group && one.group !== shown[index - 1]?.group && heading(one.group),
        row(one, index === active, picked.has(one.value), toggle),
      ]).filter(Boolean),
      ...(shown.length ? [] : [h("li", { class: "option none" }, "There is nothing to choose from here.")]),
    );
    const current = list.querySelector(".option.active:not(.none)");
    for (const element of [list, search].filter(Boolean))
      element.setAttribute("aria-activedescendant", current?.id ?? "");
    current?.scrollIntoView({ block: "nearest" });
  };
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) active = (active + step + shown.length) % Math.max(1, shown.length);
    else if (event.key === "Enter" || (event.key === " " && event.target !== search))
      shown[active] && toggle(shown[active]);
    else if (event.key === "Escape") {
      close();
      anchor.focus();
    } else if (event.key === "Tab") return finish();
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (box.isConnected) draw();
  });
  search && search.addEventListener("input", draw);
  (anchor.closest("dialog, main") ?? document.body).append(box);
  anchor.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  open = { close };
  draw();
  const follow = () => {
    if (!anchor.isConnected) return close();
    place(box, anchor);
    frame = requestAnimationFrame(follow);
    return undefined;
  };
  follow();
  (search || list).focus();
}

/** Below the control, or above it where there is more room; never under anything else, and wherever the control goes. */
function place(box, anchor) {
  const at = anchor.getBoundingClientRect();
  const below = innerHeight - at.bottom - 12;
  const above = at.top - 12;
  const up = below < box.offsetHeight && above > below;
  const room = Math.max(120, up ? above : below);
  box.style.setProperty("max-height", `${room}px`);
  box.style.setProperty("width", `${Math.max(at.width, Math.min(280, innerWidth - 16))}px`);
  box.style.setProperty(
    "left",
    `${Math.max(8, Math.min(at.left, innerWidth - Math.max(at.width, 280) - 8))}px`,
  );
  box.style.setProperty("bottom", up ? `${innerHeight - at.top + 4}px` : "auto");
  box.style.setProperty("top", up ? "auto" : `${at.bottom + 4}px`);
}

const heading = (text) => h("li", { class: "option-group", role: "presentation" }, text);

function row(one, active, picked, toggle) {
  return h(
    "li",
    {
      role: "option",
      id: freshId("option"),
      class: active ? "option active" : "option",
      "aria-selected": picked ? "true" : "false",
      onclick: () => toggle(one),
    },
    one.mark?.(),
    one.emoji?.name && h("span", { class: "emoji", "aria-hidden": "true" }, one.emoji.name),
    h(
      "span",
      { class: "option-text" },
      h("span", {}, one.label),
      one.hint && h("span", { class: "option-hint" }, one.hint),
    ),
    picked && h("span", { class: "tick", "aria-hidden": "true" }, "✓"),
  );
}
