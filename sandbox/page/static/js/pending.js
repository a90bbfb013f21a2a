/** One's own commands on their way: each a line in the place and for the person that sent it, and nowhere else. */

import { avatar } from "./avatars.js";
import { byId, h, icon } from "./dom.js";
import { toTheEnd } from "./pinning.js";
import { person, scene, state } from "./store.js";

const SOON = 150;
const lines = new Set();

/** At the end of the messages, where they belong there; called whenever those were drawn anew. */
export function drawPending() {
  for (const line of lines) {
    if (line.due && line.scene === scene()) byId("messages").append(line.element);
    else line.element.remove();
  }
}

/** A line that ends as nothing, or as what went wrong. `used` is the headline: who used what. */
export function pending(used) {
  const words = h("p", { class: "thinking-line", role: "status" }, "Sending command…");
  const line = { scene: scene(), due: false, element: element(used, words) };
  const end = () => {
    lines.delete(line);
    drawPending();
    line.element.remove();
  };
  const show = () => {
    line.due = true;
    drawPending();
    if (line.scene === scene()) toTheEnd();
  };
  const waiting = setTimeout(show, SOON);
  lines.add(line);
  toTheEnd();
  return {
    done() {
      clearTimeout(waiting);
      end();
    },
    failed(text) {
      clearTimeout(waiting);
      line.element.classList.add("failed");
      words.replaceChildren(text);
      words.after(onlyYou(end));
      show();
    },
  };
}

function onlyYou(end) {
  const dismiss = h("button", { type: "button", class: "link", onclick: end }, "Dismiss message");
  return h("p", { class: "only-you" }, icon("eye"), "Only you can see this · ", dismiss);
}

function element(used, words) {
  const bot = state.setting.bot;
  const name = [h("span", { class: "name" }, bot.name), h("span", { class: "app-tag" }, "APP")];
  const main = h("div", { class: "message-main" }, h("div", { class: "message-head" }, name), words);
  return h(
    "li",
    { class: "message pending", data: { pending: "" } },
    used(person()),
    h("div", { class: "message-body" }, avatar(bot, "author-avatar"), main),
  );
}
