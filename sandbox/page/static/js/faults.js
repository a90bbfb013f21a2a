/** The drawer that injects faults. */

import { botProcesses } from "./botprocesses.js";
import { sendAction } from "./connection.js";
import { confirmedActionButton, actionButton, runAction, actionStatus } from "./actionbuttons.js";
import { freshId, h } from "./dom.js";
import { select } from "./selectmenus.js";
import { on, state } from "./store.js";

const FEW_DOLLARS = 5;
const DISCORD_KINDS = [
  ["429", "Has too many requests, for 2 s (429)"],
  ["500", "Breaks down (500)"],
  ["503", "Is not available (503)"],
  ["cut", "Hangs up without an answer"],
  ["delay", "Answers 4 s late"],
];

export function faultsView() {
  const sections = [summary(), imageApi(), discord(), gateway(), clock(), botProcesses()];
  return h("div", { class: "drawer-body" }, actionStatus(), sections);
}

/** The active and pending faults, and a button that clears them. */
function summary() {
  const planned = h("p", { class: "drawer-note" });
  const show = () => {
    planned.textContent = activeFaults().join(" ") || "Nothing is wrong, and nothing is planned to go wrong.";
  };
  on("status", show);
  show();
  const end = actionButton("All is well again", () => sendAction("clear-faults"), "Nothing goes wrong any more.", "success");
  return h("section", { class: "what-if-part", "aria-label": "What is planned" }, planned, end);
}

function activeFaults() {
  const { planned = 0, images } = state.status ?? {};
  const usual = state.choices.usual;
  return [
    planned && `Still to go wrong: ${planned === 1 ? "1 request" : `${planned} requests`}.`,
    images?.down && "The image API is down.",
    images && images.balance < FEW_DOLLARS && `The image API has $${images.balance} left.`,
    images && images.latency !== usual.latency && `A picture takes ${images.latency} s.`,
    images && images.chatLatency !== usual.chatLatency && `Rewriting a prompt takes ${images.chatLatency} s.`,
    images?.gone.length && `Models that are gone: ${images.gone.join(", ")}.`,
  ].filter(Boolean);
}

function labelled(label, control) {
  control.id = freshId("control");
  return h("div", { class: "control" }, h("label", { for: control.id }, label), control);
}

function times() {
  return h(
    "select",
    { class: "choice-box" },
    [1, 2, 5, 20].map((one) => h("option", { value: one }, one === 1 ? "once" : `${one} times`)),
  );
}

function imageApi() {
  if (state.status?.real) {
    return h(
      "section",
      { class: "what-if-part" },
      h("h3", {}, "The image API"),
      h(
        "p",
        { class: "drawer-note" },
        "This is the real one, with your key. It misbehaves when it wants to.",
      ),
    );
  }
  return h(
    "section",
    { class: "what-if-part" },
    h("h3", {}, "The image API"),
    latency("A picture takes", "latency", "latency"),
    latency("Rewriting a prompt takes", "chat-latency", "chatLatency"),
    h(
      "p",
      { class: "drawer-note" },
      "What should happen: after 4 s the prompt is painted as it was written, and the footer says so.",
    ),
    fault(),
    outageAndBalance(),
    modelsGone(),
  );
}

/** `action` sets it, `known` is where the status has it. */
function latency(label, action, known) {
  const shown = h("output", {});
  const slider = h("input", {
    type: "range",
    min: 0,
    max: 20,
    step: 0.5,
    oninput: () => show(slider.value),
    onchange: () =>
      runAction(
        () => sendAction(action, { seconds: Number(slider.value) }),
        `${label} ${slider.value} s now.`,
      ),
  });
  const show = (seconds) => {
    slider.value = seconds;
    shown.textContent = `${seconds} s`;
  };
  const follow = () => slider.matches(":active") || show(state.status?.images?.[known] ?? 0);
  on("status", follow);
  follow();
  return h("div", { class: "slider" }, labelled(label, slider), shown);
}

function fault() {
  const kinds = state.choices.faults;
  let chosen = kinds[0];
  const expected = h("p", { class: "drawer-note", role: "status" });
  const showExpected = () => {
    expected.textContent = `What should happen: ${chosen.expected}`;
  };
  showExpected();
  const options = kinds.map((one) => ({
    value: one.name,
    label: one.label,
    description: one.description,
    group: one.group,
    default: one === chosen,
  }));
  const label = h("span", { id: freshId("control") }, "What it does wrong");
  const kind = select(
    { type: 3, options },
    ([name]) => {
      chosen = kinds.find((one) => one.name === name);
      showExpected();
    },
    label.id,
  );
  const often = times();
  return h(
    "div",
    { class: "group" },
    h("div", { class: "control" }, label, kind),
    labelled("How often", often),
    expected,
    actionButton(
      "Let it happen",
      () => sendAction("inject-fault", { name: chosen.name, times: Number(often.value) }),
      "The next picture goes wrong in that way.",
      "danger",
    ),
  );
}

function outageAndBalance() {
  return h(
    "div",
    { class: "buttons" },
    actionButton("Nobody answers there", () => sendAction("outage", { down: true }), "The image API is down.", "danger"),
    actionButton("It is back", () => sendAction("outage", { down: false }), "The image API is up."),
    actionButton("$3 are left", () => sendAction("balance", { dollars: 3 }), "The balance is $3."),
    actionButton("No money is left", () => sendAction("balance", { dollars: 0 }), "The balance is $0."),
    actionButton("$100 are left", () => sendAction("balance", { dollars: 100 }), "The balance is $100."),
  );
}

/** The model that was asked for last, for good: for orders that are in flight as well. */
function modelsGone() {
  const gone = (label, how, done) => actionButton(label, () => sendAction("model-gone", { how }), done, "danger");
  return h(
    "div",
    { class: "group" },
    h(
      "p",
      { class: "drawer-note" },
      "The model that painted last, or is painting now, goes for good. What should happen: the next one paints, also for whoever is waiting.",
    ),
    h(
      "div",
      { class: "buttons" },
      gone("It is retired", "retired", "The model is retired: the list of models has lost it."),
      gone("It is withdrawn without notice", "withdrawn", "The model is withdrawn: the list of models still has it."),
      gone("No channels are left for it", "no-channels", "The model has no channels left (503)."),
      actionButton("All models are back", () => sendAction("models-back"), "All models are served."),
    ),
  );
}

function discord() {
  const route = h(
    "select",
    { class: "choice-box" },
    state.choices.routes.map((one) => h("option", { value: one.name }, one.description)),
  );
  const kind = h(
    "select",
    { class: "choice-box" },
    DISCORD_KINDS.map(([value, label]) => h("option", { value }, label)),
  );
  const often = times();
  return h(
    "section",
    { class: "what-if-part" },
    h("h3", {}, "Discord"),
    h(
      "div",
      { class: "group" },
      labelled("What fails", route),
      labelled("How", kind),
      labelled("How often", often),
      actionButton(
        "Let it happen",
        () => sendAction("discord", { route: route.value, kind: kind.value, times: Number(often.value) }),
        "The next such request goes wrong.",
        "danger",
      ),
    ),
  );
}

function clock() {
  return h(
    "section",
    { class: "what-if-part", "aria-label": "The clock" },
    h("h3", {}, "The clock"),
    h(
      "p",
      { class: "drawer-note" },
      "For Discord, the page and the bot, which is stopped and started again. To come back to today, start the sandbox anew.",
    ),
    h(
      "div",
      { class: "buttons" },
      confirmedActionButton(
        "Move the clock to tomorrow, and restart the bot",
        "Really? There is no way back to today but to start the sandbox anew.",
        () => sendAction("advance-day"),
        "A day has passed: daily limits start again.",
      ),
    ),
  );
}

function gateway() {
  return h(
    "section",
    { class: "what-if-part" },
    h("h3", {}, "The connection to Discord"),
    h(
      "div",
      { class: "buttons" },
      actionButton(
        "Cut the connection",
        () => sendAction("gateway", { do: "drop" }),
        "The connection was cut; the bot comes back by itself.",
        "danger",
      ),
      actionButton(
        "The 15 minutes are over",
        () => sendAction("expire-tokens"),
        "No answer to what was asked so far is taken any more: the bot has to find another way.",
        "danger",
      ),
      actionButton(
        "Ask it to reconnect",
        () => sendAction("gateway", { do: "reconnect" }),
        "Discord asked the bot to reconnect.",
      ),
      actionButton(
        "Forget its session",
        () => sendAction("gateway", { do: "invalidate" }),
        "The session is gone; the bot identifies anew.",
      ),
    ),
  );
}
