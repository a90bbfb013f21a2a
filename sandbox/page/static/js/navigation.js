/** Servers, channels, and the person to act as. */

import { avatar, initials } from "./avatars.js";
import { selectView } from "./connection.js";
import { byId, h, setChildren } from "./dom.js";
import { openUserMenu } from "./contextmenus.js";
import { emit, channel, directs, isDirect, on, people, person, server, servers, state } from "./store.js";

const STORAGE_KEY = "sandbox-place";

export function startNavigation() {
  on("directory", restoreView);
  on(["view", "directory"], draw);
  on("newest", drawUnread);
  on("jump", ({ channel }) => {
    if (channel !== state.channel && person().sees.includes(channel)) openChannel(state.person, channel);
  });
  byId("open-places").addEventListener("click", () => openNavigation(true));
  byId("veil").addEventListener("click", () => openNavigation(false));
  document.addEventListener("keydown", (event) => event.key === "Escape" && openNavigation(false));
}

/** On a narrow screen they lie over the rest, which is out of reach until they are closed. */
function openNavigation(open) {
  const app = byId("app");
  if (app.classList.contains("places-open") === open) return;
  app.classList.toggle("places-open", open);
  byId("open-places").setAttribute("aria-expanded", open);
  byId("veil").hidden = !open;
  for (const rest of [byId("room"), byId("drawer")]) rest.inert = open;
  if (open) byId("places").querySelector("[aria-current]")?.focus();
  else byId("open-places").focus();
}

/** Restores the person and channel from before a reload, if they still exist. */
function restoreView() {
  const known = people().find((one) => one.id === state.person);
  if (known?.sees.includes(state.channel)) return;
  const before = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "{}");
  const first = known ?? people().find((one) => one.name === before.person) ?? people()[0];
  openChannel(first.id, first.sees.includes(before.channel) ? before.channel : first.home);
}

export function openChannel(personId, channelId) {
  const someone = people().find((one) => one.id === personId);
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ person: someone.name, channel: channelId }));
  selectView({ person: personId, channel: channelId });
  emit("view");
  openNavigation(false);
}

/** Act as somebody else, in the same channel if they see it. */
function actAs(someone) {
  const stays = someone.sees.includes(state.channel);
  openChannel(someone.id, stays && someone.home !== someone.dm ? state.channel : someone.home);
}

function draw() {
  if (!state.person) return;
  keepingFocus(() => {
    drawServers();
    drawChannels();
    drawPeople();
  });
  byId("channel-name").textContent = channel().name;
  byId("channel-name").classList.toggle("direct", isDirect());
  byId("age").hidden = !channel().nsfw;
  document.title = `${isDirect() ? "@" : "#"}${channel().name} — as ${person().name}`;
  byId("live").textContent = "";
}

/** Whoever was at a button here stays at it, though it is drawn anew. */
function keepingFocus(drawing) {
  const at = byId("places").contains(document.activeElement) && document.activeElement.dataset.place;
  drawing();
  if (at) byId("places").querySelector(`[data-place="${at}"]`)?.focus();
}

function drawServers() {
  const mine = servers().filter((one) => person().servers[one.id]);
  const direct = serverButton("direct", "Direct messages", avatar(state.directory.bot, "rail-mark"), isDirect(), () =>
    openChannel(state.person, person().dm),
  );
  const buttons = mine.map((one) =>
    serverButton(one.id, one.name, initials(one.name), one === server(), () =>
      openChannel(state.person, one.channels.find((channel) => person().sees.includes(channel.id)).id),
    ),
  );
  setChildren(
    byId("rail"),
    [direct, ...buttons].map((button) => h("li", {}, button)),
  );
}

function serverButton(id, label, inside, current, onclick) {
  return h(
    "button",
    {
      type: "button",
      class: "rail-button",
      title: label,
      "aria-label": label,
      data: { place: `server-${id}` },
      "aria-current": current && "true",
      onclick,
    },
    inside,
  );
}

function drawChannels() {
  byId("server-name").textContent = server()?.name ?? "Direct messages";
  const listed = server()?.channels.filter((one) => person().sees.includes(one.id)) ?? directs();
  setChildren(
    byId("channels"),
    listed.map((one) => h("li", {}, channelButton(one))),
  );
  drawUnread();
}

function channelButton(one) {
  const props = {
    type: "button",
    class: one.thread ? "channel thread" : "channel",
    data: { channel: one.id, place: `channel-${one.id}` },
    "aria-current": one.id === state.channel && "page",
    onclick: () => openChannel(state.person, one.id),
  };
  const sign = one.direct
    ? avatar(one.with, "small")
    : h("span", { class: "hash", "aria-hidden": "true" }, one.thread ? "↳" : one.nsfw ? "⚠" : "#");
  return h(
    "button",
    props,
    sign,
    h("span", { class: "channel-name" }, one.name),
    one.nsfw && h("span", { class: "sr-only" }, " age-restricted"),
    one.thread && h("span", { class: "sr-only" }, " thread"),
  );
}

function drawUnread() {
  if (!state.person) return;
  const read = (state.read[state.person] ??= { ...state.newest });
  if (state.newest[state.channel]) read[state.channel] = state.newest[state.channel];
  for (const button of document.querySelectorAll("[data-channel]")) {
    const id = button.dataset.channel;
    const unread = id !== state.channel && state.newest[id] && state.newest[id] !== read[id];
    button.classList.toggle("unread", Boolean(unread));
  }
}

function drawPeople() {
  setChildren(
    byId("you-are"),
    h("span", {}, h("span", { class: "you-label" }, "You are "), h("strong", {}, person().name)),
    h("span", { class: "about" }, person().about),
  );
  const buttons = people().map((one) => {
    const label = `Be ${one.name} — ${one.about}`;
    return h(
      "button",
      {
        type: "button",
        class: "person",
        title: label,
        "aria-label": label,
        data: { place: `person-${one.id}` },
        "aria-pressed": one.id === state.person ? "true" : "false",
        onclick: () => actAs(one),
        oncontextmenu: (event) => openUserMenu(event, one),
      },
      avatar(one),
      h("span", { class: "person-name", "aria-hidden": "true" }, one.name),
    );
  });
  setChildren(
    byId("people"),
    buttons.map((button) => h("li", {}, button)),
  );
}
