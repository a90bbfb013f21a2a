/** Things to try, for whoever sees the page for the first time. */

import { byId, h, icon, setChildren } from "./dom.js";
import { openChannel } from "./navigation.js";
import { emit, isDirect, on, people, person, servers, state } from "./store.js";

const STORAGE_KEY = "sandbox-first-steps";
const MODERATOR = "moderator";

const STEPS = [
  ["Paint a picture", paint],
  ["Be the moderator", moderate],
  ["Break the image API", () => emit("drawer-wanted", "what-if")],
];

export function startFirstSteps() {
  on("directory", draw);
}

function draw() {
  const place = byId("first-steps");
  if (place.childElementCount || localStorage.getItem(STORAGE_KEY)) return;
  const steps = STEPS.map(([label, run]) => h("button", { type: "button", class: "pill add", onclick: run }, label));
  const away = { type: "button", class: "icon-button", title: "Hide", "aria-label": "Hide the things to try", onclick: hide };
  setChildren(place, h("span", { class: "first-steps-title" }, "Try:"), steps, h("button", away, icon("close")));
  place.hidden = false;
}

function hide() {
  localStorage.setItem(STORAGE_KEY, "hidden");
  byId("first-steps").hidden = true;
  byId("line").focus();
}

/** A command waits to be sent, in a place where there is one. */
function paint() {
  const [first] = people();
  if (isDirect()) openChannel(first.id, first.home);
  emit("command", { name: "imagine", words: "a lighthouse in a storm" });
}

function moderate() {
  const [place, someone] = moderated();
  const quiet = place.channels.find((one) => one.name === "moderators") ?? place.channels[0];
  if (person() !== someone || state.channel !== quiet.id) openChannel(someone.id, quiet.id);
  emit("command", { name: "limits show" });
}

/** The first server that has a moderator among the people, and who that is. */
function moderated() {
  const pairs = servers().flatMap((place) => people().map((one) => [place, one]));
  return pairs.find(([place, one]) => one.servers[place.id]?.rank === MODERATOR);
}
