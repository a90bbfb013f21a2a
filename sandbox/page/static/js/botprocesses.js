/** Buttons to kill, stop and start the bot's processes. */

import { sendAction } from "./connection.js";
import { runAction } from "./actionbuttons.js";
import { h, setChildren } from "./dom.js";
import { on, state } from "./store.js";

export function botProcesses() {
  const part = h("section", { class: "what-if-part", id: "bots", "aria-label": "The bot" });
  on("status", () => draw(part));
  draw(part);
  return part;
}

/** Drawn again at each change of state; the focus stays, if need be at what has taken the place of a button. */
function draw(part) {
  const signature = JSON.stringify(state.status?.bots ?? []);
  if (part.dataset.drawn === signature) return;
  part.dataset.drawn = signature;
  const { card, key } = part.contains(document.activeElement) ? document.activeElement.dataset : {};
  setChildren(part, h("h3", {}, "The bot"), (state.status?.bots ?? []).map(copy));
  const buttons = [...part.querySelectorAll("button")].filter((one) => one.dataset.card === card);
  (buttons.find((one) => one.dataset.key === key) ?? buttons[0])?.focus();
}

function copy(one) {
  const call = (todo, done) => () => runAction(() => sendAction("bot", { copy: one.name, do: todo }), done);
  const button = (label, todo, done, style = "secondary") =>
    h(
      "button",
      { type: "button", class: `button ${style}`, data: { card: one.name, key: todo }, onclick: call(todo, done) },
      label,
    );
  const title = one.name === "first" ? "The bot" : "A second copy";
  const running = one.state === "running" || one.state === "starting";
  return h(
    "div",
    { class: "bot-card" },
    h(
      "p",
      { class: `bot-state ${one.state}` },
      h("strong", {}, title),
      ` ${one.state}`,
      one.pid && h("span", { class: "pid" }, `process ${one.pid}`),
      one.note && h("span", { class: "pid" }, one.note),
    ),
    h(
      "div",
      { class: "buttons" },
      running
        ? [
            button("Kill it", "kill", "It was killed without a word.", "danger"),
            button("Stop it", "stop", "It was asked to stop, as a host does."),
            button("Kill and start again", "restart", "It was killed and is back.", "danger"),
          ]
        : [
            button(
              one.name === "first" ? "Start it" : "Start a second copy",
              "start",
              "It is up.",
              "success",
            ),
          ],
    ),
  );
}
