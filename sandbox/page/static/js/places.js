/** Where one is and who one is: servers, channels, and the people to be. */

import { avatar, initials } from "./avatars.js";
import { look } from "./connection.js";
import { byId, h, refill } from "./dom.js";
import { openUserMenu } from "./menus.js";
import { announce, channel, isDirect, on, people, person, server, servers, state } from "./store.js";

const REMEMBERED = "sandbox-place";

export function startPlaces() {
  on("directory", settle);
  on(["view", "directory"], draw);
  on("newest", drawUnread);
  byId("open-places").addEventListener("click", () => openPlaces(true));
  byId("veil").addEventListener("click", () => openPlaces(false));
  document.addEventListener("keydown", (event) => event.key === "Escape" && openPlaces(false));
}

/** On a narrow screen they lie over the rest, which is out of reach until they are closed. */
function openPlaces(open) {
  const app = byId("app");
  if (app.classList.contains("places-open") === open) return;
  app.classList.toggle("places-open", open);
  byId("open-places").setAttribute("aria-expanded", open);
  byId("veil").hidden = !open;
  for (const rest of [byId("room"), byId("drawer")]) rest.inert = open;
  if (open) byId("places").querySelector("[aria-current]")?.focus();
  else byId("open-places").focus();
}

/** As whoever one was before the page was opened again, if that can be. */
function settle() {
  const known = people().find((one) => one.id === state.person);
  if (known?.sees.includes(state.channel)) return;
  const before = JSON.parse(sessionStorage.getItem(REMEMBERED) ?? "{}");
  const first = known ?? people().find((one) => one.name === before.person) ?? people()[0];
  go(first.id, first.sees.includes(before.channel) ? before.channel : first.home);
}

export function go(personId, channelId) {
  const someone = people().find((one) => one.id === personId);
  sessionStorage.setItem(REMEMBERED, JSON.stringify({ person: someone.name, channel: channelId }));
  look({ person: personId, channel: channelId });
  announce("view");
  openPlaces(false);
}

/** Somebody else, in the same place if they see it. */
function become(someone) {
  const stays = someone.sees.includes(state.channel);
  go(someone.id, stays && someone.home !== someone.dm ? state.channel : someone.home);
}

function draw() {
  if (!state.person) return;
  keepingFocus(() => {
    drawRail();
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

function drawRail() {
  const mine = servers().filter((one) => person().servers[one.id]);
  const direct = railButton("direct", "Direct messages", avatar(state.directory.bot, "rail-mark"), isDirect(), () =>
    go(state.person, person().dm),
  );
  const buttons = mine.map((one) =>
    railButton(one.id, one.name, initials(one.name), one === server(), () =>
      go(state.person, one.channels.find((channel) => person().sees.includes(channel.id)).id),
    ),
  );
  refill(
    byId("rail"),
    [direct, ...buttons].map((button) => h("li", {}, button)),
  );
}

function railButton(id, label, inside, current, onclick) {
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
  const listed = server()?.channels.filter((one) => person().sees.includes(one.id)) ?? [
    { id: person().dm, name: state.directory.bot.name, direct: true },
  ];
  refill(
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
    onclick: () => go(state.person, one.id),
  };
  const sign = one.direct
    ? avatar(state.directory.bot, "small")
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
  refill(byId("you-are"), h("strong", {}, person().name), h("span", { class: "about" }, person().about));
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
        onclick: () => become(one),
        oncontextmenu: (event) => openUserMenu(event, one),
      },
      avatar(one),
      h("span", { class: "person-name", "aria-hidden": "true" }, one.name),
    );
  });
  refill(
    byId("people"),
    buttons.map((button) => h("li", {}, button)),
  );
}
