/** Commands that the bot has not answered yet: each a line where it was sent, for the person who sent it. */

import { avatar } from "./avatars.js";
import { byId, h, icon } from "./dom.js";
import { headline } from "./headline.js";
import { scrollToEnd } from "./autoscroll.js";
import { on, viewKey, state } from "./store.js";

const SOON = 150;
const lines = new Map();

/** Places those of this view at the end of the messages; called whenever the messages are drawn anew. */
export function drawPending() {
  for (const line of lines.values()) {
    if (line.due && line.interaction.viewKey === viewKey()) byId("messages").append(line.element);
    else line.element.remove();
  }
}

export function startPending() {
  on("interaction-sent", add);
  on("interaction-done", (interaction) => remove(lines.get(interaction)));
  on("interaction-failed", ({ interaction, failure }) => fail(lines.get(interaction), failure));
}

function add(interaction) {
  const words = h("p", { class: "thinking-line", role: "status" }, "Sending command…");
  const line = { interaction, words, due: false, element: element(interaction, words) };
  line.waiting = setTimeout(() => show(line), SOON);
  lines.set(interaction, line);
  scrollToEnd();
}

function show(line) {
  line.due = true;
  drawPending();
  if (line.interaction.viewKey === viewKey()) scrollToEnd();
}

function remove(line) {
  clearTimeout(line.waiting);
  lines.delete(line.interaction);
  line.element.remove();
}

function fail(line, failure) {
  clearTimeout(line.waiting);
  line.element.classList.add("failed");
  line.words.replaceChildren(failure);
  line.words.after(onlyYou(() => remove(line)));
  show(line);
}

function onlyYou(dismissed) {
  const dismiss = h("button", { type: "button", class: "link", onclick: dismissed }, "Dismiss message");
  return h("p", { class: "only-you" }, icon("eye"), "Only you can see this · ", dismiss);
}

function element(interaction, words) {
  const bot = state.directory.bot;
  const name = [h("span", { class: "name" }, bot.name), h("span", { class: "app-tag" }, "APP")];
  const main = h("div", { class: "message-main" }, h("div", { class: "message-head" }, name), words);
  return h(
    "li",
    { class: "message pending", data: { pending: "" } },
    headline(interaction.user, interaction.label),
    h("div", { class: "message-body" }, avatar(bot, "author-avatar"), main),
  );
}
