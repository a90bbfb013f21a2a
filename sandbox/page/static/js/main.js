/** Puts the page together. */

import { startComposer } from "./composer.js";
import { connect } from "./connection.js";
import { byId, setChildren, h } from "./dom.js";
import { startDrawers } from "./drawers.js";
import { startFirstSteps } from "./firststeps.js";
import { startMessages } from "./messages.js";
import { startNavigation } from "./navigation.js";
import { simulatedCost, realCost } from "./costs.js";
import { on, state } from "./store.js";
import { startClock, clockNotice } from "./timestamps.js";

let shownNotices = "";

function drawStatus() {
  const { money = {}, real = false } = state.status ?? {};
  const ready = state.online && state.status?.connected && botIs("running");
  byId("app").classList.toggle("bot-ready", Boolean(ready));
  const notices = [botProblem(), clockNotice(), real && realCost(money)].filter(Boolean);
  if (notices.join() !== shownNotices) setChildren(byId("status"), notices.map((words) => h("p", {}, words)));
  shownNotices = notices.join();
  byId("money").textContent = real || !money.pictures ? "" : simulatedCost(money);
}

/** Whatever copy it is that runs, the bot runs. */
const botIs = (what) => state.status?.bots.some((one) => one.state === what);

function botProblem() {
  if (!state.online) return "The sandbox does not answer";
  if (botIs("running")) return state.status.connected ? "" : "The bot is offline";
  if (botIs("starting")) return "The bot is starting…";
  if (botIs("stopping")) return "The bot is stopping: it finishes what it is at";
  const note = state.status?.bots.find((one) => one.note)?.note;
  return note ? `The bot is not running: ${note}` : "The bot is not running";
}

startNavigation();
startMessages();
startComposer();
startDrawers();
startFirstSteps();
startClock();
on(["status", "online"], drawStatus);
connect();
