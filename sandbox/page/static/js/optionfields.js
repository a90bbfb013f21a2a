/** The field of one option, by its type and bounds. */

import { avatar } from "./avatars.js";
import { combobox } from "./combobox.js";
import { sendAction, tooLarge, upload } from "./connection.js";
import { freshId, h } from "./dom.js";
import { showPreviews } from "./filepreviews.js";
import { pickable } from "./store.js";

const STRING = 3,
  INTEGER = 4,
  BOOLEAN = 5,
  USER = 6,
  CHANNEL = 7,
  ROLE = 8,
  MENTIONABLE = 9,
  NUMBER = 10,
  ATTACHMENT = 11;
const PICKED = { [USER]: "user", [CHANNEL]: "channel", [ROLE]: "role", [MENTIONABLE]: "mentionable" };
const LONGEST = 6000;
const REQUIRED = "This option is required. Specify a value.";

/** {element, focus(), check() → what is wrong or "", peek() → the value as it stands, value() → the value to send}. */
export function optionField(option, context) {
  const input = inputFor(option, context);
  const id = freshId("option");
  input.control.id = id;
  const errorLine = h("span", { class: "option-error", id: `${id}-error` });
  input.control.setAttribute("aria-describedby", errorLine.id);
  if (option.required) input.control.setAttribute("aria-required", "true");
  const element = h(
    "div",
    { class: "option-field" },
    h("label", { for: id }, option.name),
    input.element,
    errorLine,
  );
  const field = {
    element,
    wrong: false,
    isEmpty: () => input.peek() === undefined && !input.typed(),
    focus: () => input.control.focus(),
    fill(words) {
      input.control.value = words;
      input.control.focus();
      input.control.dispatchEvent(new Event("input", { bubbles: true }));
    },
    peek: () => input.peek(),
    value: () => input.value?.() ?? input.peek(),
    check() {
      const problem = field.isEmpty() ? (option.required ? REQUIRED : "") : input.problem();
      field.wrong = problem !== "";
      element.classList.toggle("wrong", field.wrong);
      input.control.setAttribute("aria-invalid", String(field.wrong));
      errorLine.textContent = problem;
      return problem && `${option.name}: ${problem}`;
    },
  };
  element.addEventListener("input", () => field.wrong && field.check());
  return field;
}

function inputFor(option, context) {
  if (option.type === ATTACHMENT) return fileInput();
  const items = fixedItems(option);
  if (items) return choiceInput(option, items, context);
  if (option.autocomplete) return autocompleteInput(option, context);
  return option.type === STRING ? textInput(option) : numberInput(option);
}

/** What there is to choose from, where nothing else may be typed. */
function fixedItems(option) {
  if (option.type === BOOLEAN) {
    return [
      { label: "True", value: true },
      { label: "False", value: false },
    ];
  }
  if (option.choices?.length) return option.choices.map((one) => ({ label: one.name, value: one.value }));
  return PICKED[option.type] ? resourceItems(PICKED[option.type], option.channel_types) : null;
}

const resourceItems = (kind, types) =>
  pickable(kind, types).map((one) => ({
    label: one.name.replace(/^@/, ""),
    value: one.id,
    mark: () =>
      one.kind === "user"
        ? avatar(one, "small")
        : h("span", { class: "hash" }, one.kind === "role" ? "@" : "#"),
  }));

function textInput(option) {
  const most = option.max_length ?? LONGEST;
  const control = h("textarea", {
    rows: 1,
    class: "option-input",
    autocomplete: "off",
    spellcheck: "false",
    oninput: () => {
      control.style.setProperty("height", "auto");
      control.style.setProperty("height", `${Math.min(control.scrollHeight, 160)}px`);
    },
  });
  const text = () => control.value.replace(/\n/g, " ").trim();
  return {
    element: control,
    control,
    typed: text,
    peek: () => text() || undefined,
    problem: () => lengthProblem(text(), option.min_length ?? 0, most),
  };
}

function lengthProblem(text, least, most) {
  if (text.length < least) return `Must be at least ${least} characters.`;
  return text.length > most ? `Must be ${most} characters or fewer: this has ${text.length}.` : "";
}

function numberInput(option) {
  const whole = option.type === INTEGER;
  const control = h("input", {
    type: "text",
    inputmode: whole ? "numeric" : "decimal",
    class: "option-input short",
    autocomplete: "off",
  });
  const typed = () => control.value.trim();
  const pattern = whole ? /^-?\d{1,16}$/ : /^-?\d{1,16}([.]\d+)?$/;
  const peek = () => (pattern.test(typed()) ? Number(typed()) : undefined);
  const problem = () => {
    if (peek() === undefined) return whole ? "Input a valid integer." : "Input a valid number.";
    return between(peek(), option.min_value, option.max_value);
  };
  return { element: control, control, typed, peek, problem };
}

function between(value, least, most) {
  if (least !== undefined && most !== undefined && (value < least || value > most))
    return `Enter a number between ${least} and ${most}.`;
  if (least !== undefined && value < least) return `Enter a number greater than or equal to ${least}.`;
  return most !== undefined && value > most ? `Enter a number less than or equal to ${most}.` : "";
}

/** Somebody who has left is in no list: their id can be pasted, as in Discord. */
const isPersonsId = (option, typed) =>
  [USER, MENTIONABLE].includes(option.type) && /^\d{15,20}$/.test(typed);

function choiceInput(option, items, context) {
  const find = async (typed) => {
    const exact = items.filter((one) => one.value === typed);
    const found = items.filter((one) => one.label.toLowerCase().includes(typed.toLowerCase()));
    if (exact.length || found.length) return exact.length ? exact : found;
    return isPersonsId(option, typed) ? [{ label: typed, value: typed }] : [];
  };
  const box = combobox({ label: option.name, find, taken: context.next });
  return {
    element: box.element,
    control: box.control,
    typed: box.typed,
    peek: box.picked,
    problem: () => (box.picked() === undefined ? "Choose one of the options in the list." : ""),
  };
}

function autocompleteInput(option, context) {
  const find = async (typed) => {
    const options = { ...context.values() };
    delete options[option.name];
    const said = await sendAction("suggest", { command: context.command, focused: option.name, typed, options });
    return said.choices.map((one) => ({ label: one.name, value: one.value }));
  };
  const box = combobox({ label: option.name, find, slow: true, lazy: true, taken: context.next });
  const numeric = option.type === INTEGER || option.type === NUMBER;
  if (!numeric) box.element.classList.add("of-words");
  const free = () =>
    numeric
      ? Number.isFinite(Number(box.typed())) && box.typed()
        ? Number(box.typed())
        : undefined
      : box.typed() || undefined;
  const peek = () => box.picked() ?? free();
  const problem = () => {
    if (peek() === undefined) return "Input a valid number.";
    return numeric
      ? between(peek(), option.min_value, option.max_value)
      : lengthProblem(peek(), option.min_length ?? 0, option.max_length ?? LONGEST);
  };
  return { element: box.element, control: box.control, typed: box.typed, peek, problem };
}

function fileInput() {
  const control = h("input", { type: "file", class: "option-input" });
  const file = () => control.files[0];
  const place = h("span", { class: "file-preview" });
  control.addEventListener("change", () => showPreviews(place, control.files));
  return {
    element: h("div", { class: "option-file" }, place, control),
    control,
    typed: () => file()?.name ?? "",
    peek: () => undefined,
    problem: () => tooLarge(control.files),
    value: async () => (file() ? upload(file()) : undefined),
  };
}
