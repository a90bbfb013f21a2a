/** The drawer in which things go wrong on purpose. */

import { botsPart } from "./bots.js";
import { act } from "./connection.js";
import { askingFirst, doer, doSafely, said } from "./doing.js";
import { freshId, h } from "./dom.js";
import { select } from "./selects.js";
import { on, state } from "./store.js";

const FEW_DOLLARS = 5;
const DISCORD_KINDS = [
  ["429", "Has too many requests, for 2 s (429)"],
  ["500", "Breaks down (500)"],
  ["503", "Is not available (503)"],
  ["cut", "Hangs up without an answer"],
  ["delay", "Answers 4 s late"],
];

export function whatIfView() {
  return h("div", { class: "drawer-body" }, said(), peace(), imageApi(), discord(), gateway(), clock(), botsPart());
}

/** What is wrong, how much trouble is still to come, and the end of it. */
function peace() {
  const planned = h("p", { class: "drawer-note" });
  const show = () => {
    planned.textContent = troubles().join(" ") || "Nothing is wrong, and nothing is planned to go wrong.";
  };
  on("status", show);
  show();
  const end = doer("All is well again", () => act("clear-faults"), "Nothing goes wrong any more.", "success");
  return h("section", { class: "what-if-part", "aria-label": "What is planned" }, planned, end);
}

function troubles() {
  const { planned = 0, images } = state.status ?? {};
  const usual = state.choices.usual;
  return [
    planned && `Still to go wrong: ${planned === 1 ? "1 request" : `${planned} requests`}.`,
    images?.down && "The image API is down.",
    images && images.balance < FEW_DOLLARS && `The image API has $${images.balance} left.`,
    images && images.latency !== usual.latency && `A picture takes ${images.latency} s.`,
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
    latency(),
    fault(),
    money(),
  );
}

function latency() {
  const shown = h("output", {});
  const slider = h("input", {
    type: "range",
    min: 0,
    max: 20,
    step: 0.5,
    oninput: () => show(slider.value),
    onchange: () =>
      doSafely(
        () => act("latency", { seconds: Number(slider.value) }),
        `A picture takes ${slider.value} s now.`,
      ),
  });
  const show = (seconds) => {
    slider.value = seconds;
    shown.textContent = `${seconds} s`;
  };
  const follow = () => slider.matches(":active") || show(state.status?.images?.latency ?? 0);
  on("status", follow);
  follow();
  return h("div", { class: "slider" }, labelled("A picture takes", slider), shown);
}

function fault() {
  const kinds = state.choices.faults;
  let chosen = kinds[0];
  const expected = h("p", { class: "drawer-note", role: "status" });
  const told = () => {
    expected.textContent = `What should happen: ${chosen.expected}`;
  };
  told();
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
      told();
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
    doer(
      "Let it happen",
      () => act("inject-fault", { name: chosen.name, times: Number(often.value) }),
      "The next picture goes wrong in that way.",
      "danger",
    ),
  );
}

function money() {
  return h(
    "div",
    { class: "buttons" },
    doer("Nobody answers there", () => act("outage", { down: true }), "The image API is down.", "danger"),
    doer("It is back", () => act("outage", { down: false }), "The image API is up."),
    doer("$3 are left", () => act("balance", { dollars: 3 }), "The balance is $3."),
    doer("No money is left", () => act("balance", { dollars: 0 }), "The balance is $0."),
    doer("$100 are left", () => act("balance", { dollars: 100 }), "The balance is $100."),
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
      doer(
        "Let it happen",
        () => act("discord", { route: route.value, kind: kind.value, times: Number(often.value) }),
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
      askingFirst(
        "Move the clock to tomorrow, and restart the bot",
        "Really? There is no way back to today but to start the sandbox anew.",
        () => act("advance-day"),
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
      doer(
        "Cut the connection",
        () => act("gateway", { do: "drop" }),
        "The connection was cut; the bot comes back by itself.",
        "danger",
      ),
      doer(
        "The 15 minutes are over",
        () => act("expire-tokens"),
        "No answer to what was asked so far is taken any more: the bot has to find another way.",
        "danger",
      ),
      doer(
        "Ask it to reconnect",
        () => act("gateway", { do: "reconnect" }),
        "Discord asked the bot to reconnect.",
      ),
      doer(
        "Forget its session",
        () => act("gateway", { do: "invalidate" }),
        "The session is gone; the bot identifies anew.",
      ),
    ),
  );
}
