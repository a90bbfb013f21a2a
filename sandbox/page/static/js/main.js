/** Puts the page together. */

import { startComposer } from "./composer.js";
import { connect } from "./connection.js";
import { byId, refill, h } from "./dom.js";
import { startDrawers } from "./drawers.js";
import { startMessages } from "./messages.js";
import { startPlaces } from "./places.js";
import { on, state } from "./store.js";
import { keepTime, movedTo } from "./times.js";

function drawStatus() {
  const first = state.status?.bots[0];
  const ready = state.online && state.status?.connected && first?.state === "running";
  const words = !state.online
    ? "The sandbox does not answer"
    : first?.state === "starting"
      ? "The bot is starting…"
      : first?.state === "stopped" && first.note
        ? `The bot is not running: ${first.note}`
        : state.status?.connected
          ? ""
          : "The bot is offline";
  byId("app").classList.toggle("bot-ready", Boolean(ready));
  refill(byId("status"), words && h("span", { class: "status-words" }, words), day(), money());
}

function day() {
  const words = movedTo();
  return words && h("span", { class: "day", title: words }, words);
}

/** What the pictures cost, or would have cost. */
function money() {
  const { dollars = 0, pictures = 0, real = false } = state.status ?? {};
  if (!real && !pictures) return null;
  const each = pictures
    ? `$${(dollars / pictures).toFixed(3)} each, $${dollars.toFixed(2)} in all`
    : "about $0.07 each";
  const about = real
    ? `Real images: ${each}`
    : `${pictures === 1 ? "1 image" : `${pictures} images`}, $${dollars.toFixed(2)} in pretend money`;
  return h("span", { class: real ? "money real" : "money", title: about }, about);
}

startPlaces();
startMessages();
startComposer();
startDrawers();
keepTime();
on(["status", "online"], drawStatus);
connect();
