/** Puts the page together. */

import { startComposer } from "./composer.js";
import { connect } from "./connection.js";
import { byId, refill, h } from "./dom.js";
import { startDrawers } from "./drawers.js";
import { startMessages } from "./messages.js";
import { startPlaces } from "./places.js";
import { pretendMoney, realMoney } from "./money.js";
import { on, state } from "./store.js";
import { keepTime, movedTo } from "./times.js";

let drawn = "";

function drawStatus() {
  const { money = {}, real = false } = state.status ?? {};
  const ready = state.online && state.status?.connected && botIs("running");
  byId("app").classList.toggle("bot-ready", Boolean(ready));
  const notices = [trouble(), movedTo(), real && realMoney(money)].filter(Boolean);
  if (notices.join() !== drawn) refill(byId("status"), notices.map((words) => h("p", {}, words)));
  drawn = notices.join();
  byId("money").textContent = real || !money.pictures ? "" : pretendMoney(money);
}

/** Whatever copy it is that runs, the bot runs. */
const botIs = (what) => state.status?.bots.some((one) => one.state === what);

function trouble() {
  if (!state.online) return "The sandbox does not answer";
  if (botIs("running")) return state.status.connected ? "" : "The bot is offline";
  if (botIs("starting")) return "The bot is starting…";
  if (botIs("stopping")) return "The bot is stopping: it finishes what it is at";
  const note = state.status?.bots.find((one) => one.note)?.note;
  return note ? `The bot is not running: ${note}` : "The bot is not running";
}

startPlaces();
startMessages();
startComposer();
startDrawers();
keepTime();
on(["status", "online"], drawStatus);
connect();
