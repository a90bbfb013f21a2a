/** The drawer in which things go wrong on purpose. */

import { complain } from "./composer.js";
import { act, Refused } from "./connection.js";
import { freshId, h, refill } from "./dom.js";
import { on, state } from "./store.js";

const DISCORD_KINDS = [["429", "429: too many requests, for 2 s"], ["500", "500"], ["503", "503"], ["cut", "the connection is cut"], ["delay", "4 s late"]];
let said = null;

export function whatIfView() {
  said = h("p", { class: "said", role: "status" });
  const view = h("div", { class: "drawer-body" }, said, imageApi(), discord(), gateway(), h("section", { class: "what-if-part", id: "bots", "aria-label": "The bot" }),
    h("section", { class: "what-if-part" }, h("h3", {}, "Enough"), doer("All is well again", () => act("behave"), "Whatever was planned is forgotten.", "success")));
  on("status", () => drawBots(view));
  drawBots(view);
  return view;
}

function doer(label, doing, done, style = "secondary") {
  return h("button", { type: "button", class: `button ${style}`, onclick: async (event) => {
    const button = event.currentTarget;
    button.setAttribute("aria-busy", "true");
    await doSafely(doing, done);
    button.removeAttribute("aria-busy");
  } }, label);
}

async function doSafely(doing, done) {
  try {
    await doing();
    said.textContent = done;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    said.textContent = error.message;
    complain("");
  }
}

function labelled(label, control) {
  control.id = freshId("control");
  return h("div", { class: "control" }, h("label", { for: control.id }, label), control);
}

function times() {
  return h("select", { class: "choice-box" }, [1, 2, 5, 20].map((one) => h("option", { value: one }, one === 1 ? "once" : `${one} times`)));
}

function imageApi() {
  if (state.status?.real) {
    return h("section", { class: "what-if-part" }, h("h3", {}, "The image API"), h("p", { class: "drawer-note" }, "This is the real one, with your key. It misbehaves when it wants to."));
  }
  return h("section", { class: "what-if-part" }, h("h3", {}, "The image API"), latency(), misbehaviour(), money());
}

function latency() {
  const start = state.status?.images?.latency ?? 0;
  const shown = h("output", {}, `${start} s`);
  const slider = h("input", { type: "range", min: 0, max: 20, step: 0.5, value: start, oninput: () => {
    shown.textContent = `${slider.value} s`;
  }, onchange: () => doSafely(() => act("latency", { seconds: Number(slider.value) }), `A picture takes ${slider.value} s now.`) });
  return h("div", { class: "slider" }, labelled("A picture takes", slider), shown);
}

function misbehaviour() {
  const kinds = state.offered.misbehaviours.map((family) => h("optgroup", { label: family.name }, family.kinds.map((one) => h("option", { value: one.name }, `${one.name} — ${one.sentence}`))));
  const kind = h("select", { class: "choice-box" }, kinds);
  const often = times();
  return h("div", { class: "group" }, labelled("It misbehaves", kind), labelled("How often", often),
    doer("Let it happen", () => act("misbehave", { name: kind.value, times: Number(often.value) }), "The next picture goes wrong in that way.", "danger"));
}

function money() {
  return h("div", { class: "buttons" },
    doer("Nobody answers there", () => act("outage", { down: true }), "The image API is down.", "danger"),
    doer("It is back", () => act("outage", { down: false }), "The image API is up."),
    doer("$3 are left", () => act("balance", { dollars: 3 }), "The balance is $3."),
    doer("No money is left", () => act("balance", { dollars: 0 }), "The balance is $0."),
    doer("$100 are left", () => act("balance", { dollars: 100 }), "The balance is $100."));
}

function discord() {
  const route = h("select", { class: "choice-box" }, state.offered.routes.map((one) => h("option", { value: one.name }, one.sentence)));
  const kind = h("select", { class: "choice-box" }, DISCORD_KINDS.map(([value, label]) => h("option", { value }, label)));
  const often = times();
  return h("section", { class: "what-if-part" }, h("h3", {}, "Discord"), h("div", { class: "group" }, labelled("What fails", route), labelled("How", kind), labelled("How often", often),
    doer("Let it happen", () => act("discord", { route: route.value, kind: kind.value, times: Number(often.value) }), "The next such request goes wrong.", "danger")));
}

function gateway() {
  return h("section", { class: "what-if-part" }, h("h3", {}, "The gateway"), h("div", { class: "buttons" },
    doer("Cut the connection", () => act("gateway", { do: "drop" }), "The connection was cut; the bot comes back by itself.", "danger"),
    doer("Ask it to reconnect", () => act("gateway", { do: "reconnect" }), "Discord asked the bot to reconnect."),
    doer("Forget its session", () => act("gateway", { do: "invalidate" }), "The session is gone; the bot identifies anew.")));
}

/** Drawn again at each change of state, without taking the focus away. */
function drawBots(view) {
  const part = view.querySelector("#bots") ?? document.getElementById("bots");
  const signature = JSON.stringify(state.status?.bots ?? []);
  if (!part || part.dataset.drawn === signature) return;
  part.dataset.drawn = signature;
  const focused = part.contains(document.activeElement) ? document.activeElement.textContent : null;
  refill(part, h("h3", {}, "The bot"), (state.status?.bots ?? []).map(copy));
  if (focused) [...part.querySelectorAll("button")].find((one) => one.textContent === focused)?.focus();
}

function copy(one) {
  const call = (todo, done) => () => doSafely(() => act("bot", { copy: one.name, do: todo }), done);
  const button = (label, todo, done, style = "secondary") => h("button", { type: "button", class: `button ${style}`, onclick: call(todo, done) }, label);
  const title = one.name === "first" ? "The bot" : "A second copy";
  const running = one.state === "running" || one.state === "starting";
  return h("div", { class: "bot-card" },
    h("p", { class: `bot-state ${one.state}` }, h("strong", {}, title), ` ${one.state}`, one.pid && h("span", { class: "pid" }, `process ${one.pid}`), one.note && h("span", { class: "pid" }, one.note)),
    h("div", { class: "buttons" }, running
      ? [button("Kill it", "kill", "It was killed without a word.", "danger"), button("Stop it", "stop", "It was asked to stop, as a host does."), button("Kill and start again", "restart", "It was killed and is back.", "danger")]
      : [button(one.name === "first" ? "Start it" : "Start a second copy", "start", "It is up.", "success")]));
}
