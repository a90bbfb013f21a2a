/** The message box: text, or `/` and a command with its options. */

import { commandForm } from "./commandform.js";
import { sendAction, tooLarge, upload } from "./connection.js";
import { byId, freshId, h, icon, setChildren } from "./dom.js";
import { showPreviews } from "./filepreviews.js";
import { runCommand } from "./interactions.js";
import { scrollToEnd } from "./autoscroll.js";
import { refusalLine, showingRefusal, showRefusal } from "./refusals.js";
import { channel, isDirect, on, viewKey, state } from "./store.js";
import { invocations, matching, textAfterName, commandName } from "./commands.js";

const LONGEST_MESSAGE = 2000;
const filePicker = h("input", { type: "file", multiple: true, hidden: true, id: "message-files" });
const filesChosen = h("div", { class: "file-preview" });
let line = null;
let list = null;
let shown = [];
let active = 0;
let wanted = null;

export function startComposer() {
  const listId = freshId("commands");
  list = h("ul", {
    class: "suggestions",
    role: "listbox",
    id: listId,
    "aria-label": "Commands",
    tabindex: "0", // it may have to be scrolled
    hidden: true,
  });
  line = h("textarea", {
    class: "line",
    rows: 1,
    id: "line",
    maxlength: LONGEST_MESSAGE,
    autocomplete: "off",
    spellcheck: "false",
    "aria-autocomplete": "list",
    "aria-haspopup": "listbox",
    "aria-controls": listId,
    oninput: onInput,
    onkeydown: onKeydown,
    onblur: () => setTimeout(() => document.activeElement !== line && showSuggestions([]), 150),
  });
  const slash = h(
    "button",
    {
      type: "button",
      class: "icon-button",
      title: "Commands",
      "aria-label": "Use a command",
      onclick: () => {
        line.value = "/";
        line.focus();
        onInput();
      },
    },
    icon("slash"),
  );
  filePicker.addEventListener("change", () => {
    showPreviews(filesChosen, filePicker.files, dropFiles);
    showRefusal(tooLarge(filePicker.files));
    line.focus();
  });
  const attach = h(
    "button",
    {
      type: "button",
      class: "icon-button",
      title: "Attach files",
      "aria-label": "Attach files to the message",
      onclick: () => filePicker.click(),
    },
    icon("plus"),
  );
  const send = h(
    "button",
    { type: "button", class: "icon-button send", title: "Send", "aria-label": "Send message", onclick: sendMessage },
    icon("send"),
  );
  byId("composer").append(
    refusalLine(),
    list,
    h("div", { class: "box" }, filesChosen, attach, filePicker, slash, line, send),
  );
  on(["view", "directory"], labelInput);
  on("view", () => closeForm(!onNarrowScreen()));
  document.addEventListener("keydown", redirectTyping);
  on("commands", () => {
    if (!list.hidden) onInput();
    startWanted();
  });
  on("command", (clicked) => {
    wanted = clicked;
    startWanted();
  });
}

/** The command that was clicked somewhere, as soon as it is offered here; its words wait to be sent. */
function startWanted() {
  const found = wanted && invocations(state.commands).find((one) => commandName(one) === wanted.name);
  if (!found) return;
  const words = wanted.words ? ` ${wanted.words}` : "";
  wanted = null;
  line.value = `/${commandName(found)}${words}`;
  startCommand(found);
}

/** On a narrow screen the focus would bring up a keyboard that covers half of it. */
const onNarrowScreen = () => matchMedia("(max-width: 760px)").matches;

/** What is typed where nothing takes it lands in the message box, as in Discord; a space still presses a button. */
function redirectTyping(event) {
  const typing = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  const at = event.target;
  const taken = event.defaultPrevented || at.closest("input, textarea, select, dialog, .menu, .popup, .drawer");
  if (!typing || taken || (event.key === " " && at.closest("button, a, summary"))) return;
  const field = byId("composer").querySelector(".command-form :is(input, textarea)") ?? line;
  if (byId("places").contains(at) && byId("app").classList.contains("places-open")) return;
  field.focus();
}

function labelInput() {
  if (!state.person) return;
  const place = `Message ${isDirect() ? "@" : "#"}${channel().name}`;
  line.placeholder = place;
  line.setAttribute("aria-label", `${place}; type / for commands`);
}

function onInput() {
  line.style.setProperty("height", "auto");
  line.style.setProperty("height", `${Math.min(line.scrollHeight, 200)}px`);
  showRefusal("");
  const words = /^\/([^\n]*)$/.exec(line.value)?.[1];
  active = 0;
  showSuggestions(words === undefined ? [] : matching(invocations(state.commands), words), words !== undefined);
}

function showSuggestions(found, asked = false) {
  shown = found;
  const empty =
    asked &&
    !found.length &&
    h(
      "li",
      { class: "option none" },
      state.commands.length ? "No command here matches that." : "The bot offers no command here.",
    );
  setChildren(list, found.map(row), empty);
  list.hidden = !(found.length || empty);
  markActive();
}

function row(one, index) {
  const options = one.options.map((option) =>
    h("span", { class: option.required ? "pill required" : "pill" }, option.name),
  );
  return h(
    "li",
    { class: "option", role: "option", id: `offered-${index}`, onclick: () => startCommand(one) },
    h(
      "span",
      { class: "option-text" },
      h("span", { class: "command-name" }, `/${commandName(one)}`, options),
      h("span", { class: "option-hint" }, one.description),
    ),
    h("span", { class: "option-app" }, state.directory.bot.name),
  );
}

function markActive() {
  [...list.children].forEach((element, index) => {
    element.classList.toggle("active", index === active);
    if (element.id) element.setAttribute("aria-selected", String(index === active));
  });
  line.setAttribute("aria-activedescendant", shown.length ? `offered-${active}` : "");
  list.children[active]?.scrollIntoView({ block: "nearest" });
}

function onKeydown(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (shown.length && step) active = (active + step + shown.length) % shown.length;
  else if (shown.length && (event.key === "Tab" || event.key === "Enter")) startCommand(shown[active]);
  else if (event.key === "Escape") showSuggestions([]);
  else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) sendMessage();
  else return;
  event.preventDefault();
  if (shown.length) markActive();
}

async function sendMessage() {
  const text = line.value.trim();
  const files = [...filePicker.files];
  if (!text && !files.length) return;
  if (text.startsWith("/")) return showRefusal("Choose a command from the list.");
  const problem = tooLarge(files);
  if (problem) return showRefusal(problem);
  line.value = "";
  dropFiles();
  onInput();
  scrollToEnd();
  await showingRefusal(async () => sendAction("say", { text, uploads: await Promise.all(files.map(upload)) }));
}

function dropFiles() {
  filePicker.value = "";
  showPreviews(filesChosen, []);
}

/** The command, with what was typed after its name as its first words. */
function startCommand(one) {
  const begun = textAfterName(one, line.value.slice(1));
  showSuggestions([]);
  line.value = "";
  onInput();
  const form = commandForm(one, { send: (doing) => send(form, commandName(one), doing), left: returnToText });
  show(form);
  form.begin(begun);
}

function returnToText(words = "") {
  closeForm(true);
  line.value = words;
  onInput();
}

function show(form) {
  const box = byId("composer").querySelector(".box");
  byId("composer").querySelector(".command-form")?.remove();
  box.hidden = true;
  box.after(form);
}

/** A refused command is shown again as it was filled in, unless the view has changed. */
async function send(form, name, doing) {
  const begun = viewKey();
  closeForm(true);
  const refusal = await runCommand(`/${name}`, doing);
  if (!refusal || begun !== viewKey()) return;
  if (!line.value && !byId("composer").querySelector(".command-form")) show(form);
  showRefusal(refusal);
}

function closeForm(refocus = false) {
  const composer = byId("composer");
  composer.querySelector(".command-form")?.remove();
  composer.querySelector(".box").hidden = false;
  showRefusal("");
  if (refocus) line.focus();
}
