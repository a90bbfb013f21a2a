/** The channel's messages: each drawn once, and again when it changes. */

import { avatar } from "./avatars.js";
import { components } from "./components.js";
import { byId, h, icon, setChildren } from "./dom.js";
import { attachments, embeds } from "./embeds.js";
import { headline } from "./headline.js";
import { markdown } from "./markdown.js";
import { openMessageMenu, openUserMenu } from "./contextmenus.js";
import { drawPending, startPending } from "./pendinginteractions.js";
import { keepAtEnd, messageAdded, startAutoscroll, scrollToEnd } from "./autoscroll.js";
import { channel, isDirect, on, rankOf, server, state } from "./store.js";
import { messageTime } from "./timestamps.js";

const SUPPRESS_EMBEDS = 1 << 2;
const QUIET_MS = 10_000;
const FOUND_MS = 2000;
const elements = new Map();
const spoken = new Map();
let wanted = null;

export function startMessages() {
  on("messages", update);
  on("view", clear);
  on("jump", ({ message }) => {
    wanted = message;
    goToWanted();
  });
  startPending();
  startAutoscroll();
}

function clear() {
  elements.clear();
  spoken.clear();
  state.messages.clear();
  byId("messages").replaceChildren();
  drawPending();
  drawBeginning();
  scrollToEnd();
}

function drawBeginning() {
  if (!state.person) return;
  const name = channel().name;
  const headline = isDirect() ? name : `Welcome to #${name}`;
  const about = isDirect()
    ? `This is the beginning of your direct messages with ${name}.`
    : server().has_bot
      ? "This is the start of the channel. Type / to see what the bot can do here."
      : "The bot is not in this server: it is there for whoever has installed it for themselves. Type / to see what for.";
  setChildren(byId("beginning"), h("p", { class: "beginning-title" }, headline), h("p", {}, about));
}

function update(changes) {
  if (changes.reset) clear();
  const list = byId("messages");
  for (const id of changes.deleted) remove(id);
  for (const message of changes.changed) upsert(list, message, changes.reset);
  keepAtEnd();
  goToWanted();
}

/** To the message that a link led to, as soon as it is there. */
function goToWanted() {
  const element = elements.get(wanted);
  if (!element) return;
  wanted = null;
  element.scrollIntoView({ block: "center" });
  element.classList.add("found");
  setTimeout(() => element.classList.remove("found"), FOUND_MS);
}

function remove(id) {
  elements.get(id)?.remove();
  elements.delete(id);
}

function upsert(list, message, fresh) {
  if (state.hidden.has(message.id)) return;
  const element = draw(message);
  const before = elements.get(message.id);
  if (before) replace(before, element);
  else list.insertBefore(element, nextElement(list, message.id));
  elements.set(message.id, element);
  if (!before && !fresh && message.author.bot) messageAdded();
  if (!message.thinking) announce(message, fresh);
}

/** To those who hear the page. What only counts on, as a progress bar, is not read out again and again. */
function announce(message, fresh) {
  const text = announcementText(message);
  const words = text.replace(/\P{L}+/gu, " ");
  const before = spoken.get(message.id);
  const now = performance.now();
  if (before?.words === words && now - before.at < QUIET_MS) return;
  spoken.set(message.id, { words, at: now });
  if (!fresh) byId("live").append(h("p", {}, text));
}

function nextElement(list, id) {
  let next = null;
  for (let node = list.lastElementChild; node; node = node.previousElementSibling) {
    if (node.dataset.pending === undefined && BigInt(node.dataset.message) < BigInt(id)) return next;
    next = node;
  }
  return next;
}

/** Whoever was at a control of the message stays there. */
function replace(before, element) {
  const focused = before.contains(document.activeElement) ? document.activeElement.dataset.control : null;
  before.replaceWith(element);
  if (focused) element.querySelector(`[data-control="${CSS.escape(focused)}"]`)?.focus();
}

function announcementText(message) {
  const embedded = message.embeds.flatMap((one) => [one.title, one.description]);
  const pictures = message.attachments.length + message.embeds.filter((one) => one.image).length;
  const texts = [message.content, ...embedded, ...componentTexts(message.components), pictures && pictureCount(pictures)];
  const quiet = message.ephemeral ? "Only you can see this: " : "";
  return `${message.author.name}: ${quiet}${texts.filter(Boolean).join(". ").slice(0, 400) || "a new message"}`;
}

const pictureCount = (count) => (count === 1 ? "With a picture" : `With ${count} pictures`);

/** The texts of a layout, from top to bottom. */
function componentTexts(components = []) {
  return components.flatMap((one) => [one.content, ...componentTexts(one.components)]);
}

function draw(message) {
  const kinds = ["message", message.ephemeral && "ephemeral", message.thinking && "thinking"];
  const mentioned = message.content.includes(`<@${state.person}>`) && !message.ephemeral;
  const props = {
    class: [...kinds, mentioned && "mentioned"].filter(Boolean).join(" "),
    data: { message: message.id },
    oncontextmenu: (event) => openMessageMenu(event, message),
  };
  return h(
    "li",
    props,
    message.used && headline(message.used.by, spelledOut(message.used)),
    h(
      "article",
      { class: "message-body" },
      avatar(message.author, "author-avatar"),
      h(
        "div",
        { class: "message-main" },
        head(message),
        body(message),
        message.ephemeral && onlyYou(message),
      ),
    ),
    messageTools(message),
  );
}

/** A command of a menu is not typed, and has no slash. */
const spelledOut = (use) => (use.slash ? `/${use.name}` : use.name);

function head(message) {
  const author = message.author;
  const props = {
    type: "button",
    class: `name rank-${rankOf(author.id)}`,
    data: { control: "author" },
    onclick: (event) => openUserMenu(event, author),
    oncontextmenu: (event) => openUserMenu(event, author),
  };
  return h(
    "div",
    { class: "message-head" },
    h("button", props, author.name),
    author.bot && h("span", { class: "app-tag" }, "APP"),
    messageTime(message.timestamp),
  );
}

function body(message) {
  if (message.thinking) return thinking(message);
  const edited = message.edited_timestamp && !message.used && h("span", { class: "edited" }, " (edited)");
  const content =
    message.content && h("div", { class: "content markdown" }, markdown(message.content), edited);
  const shown = message.flags & SUPPRESS_EMBEDS ? [] : message.embeds;
  return [
    content,
    attachments(message.attachments, message),
    embeds(shown),
    components(message.components, message),
  ];
}

function thinking(message) {
  const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
  return h("p", { class: "thinking-line", role: "status" }, dots, `${message.author.name} is thinking…`);
}

function onlyYou(message) {
  const dismiss = () => {
    state.hidden.add(message.id);
    remove(message.id);
    byId("scroller").focus();
  };
  return h(
    "p",
    { class: "only-you" },
    icon("eye"),
    "Only you can see this · ",
    h("button", { type: "button", class: "link", onclick: dismiss }, "Dismiss message"),
  );
}

function messageTools(message) {
  if (message.ephemeral || (message.thinking && !state.deletable)) return null;
  return h(
    "div",
    { class: "message-tools" },
    h(
      "button",
      {
        type: "button",
        class: "icon-button",
        title: "More",
        "aria-label": `More for the message by ${message.author.name}`,
        "aria-haspopup": "menu",
        data: { control: "more" },
        onclick: (event) => openMessageMenu(event, message),
      },
      icon("more"),
    ),
  );
}
