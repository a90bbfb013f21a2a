/** The components of a modal: text inputs, select menus, radio and checkbox groups, file uploads, text displays. */

import { tooLarge, upload } from "./connection.js";
import { freshId, h } from "./dom.js";
import { showPreviews } from "./filepreviews.js";
import { markdown } from "./markdown.js";
import { select } from "./selectmenus.js";

const ROW = 1,
  TEXT_INPUT = 4,
  TEXT_DISPLAY = 10,
  LABEL = 18,
  FILES = 19,
  RADIO = 21,
  TICKS = 22,
  TICK = 23;
const PARAGRAPH = 2;
/** ARIA knows no required button and no required group of ticks: there the label says it. */
const CAN_BE_REQUIRED = new Set([TEXT_INPUT, FILES, RADIO]);
const LONGEST = 4000;

/** Each: {element} alone, or with {id, focus(), check() → whether it may be sent, value()}. */
export function fields(components) {
  return components.flatMap((one) => {
    if (one.type === TEXT_DISPLAY)
      return [{ element: h("div", { class: "markdown" }, markdown(one.content)) }];
    if (one.type === LABEL) return [labelled(one.label, one.description, one.component)];
    if (one.type === ROW) return one.components.map((inner) => labelled(inner.label, "", inner));
    return [];
  });
}

function labelled(label, description, one) {
  const labelId = freshId("label");
  const input = inputFor(one, labelId);
  const required = one.required ?? one.type !== TICK;
  const errorLine = h("span", { class: "field-error", id: `${labelId}-error` });
  const about = description && h("p", { class: "field-description", id: `${labelId}-about` }, description);
  const group = { [RADIO]: "radiogroup", [TICKS]: "group" }[one.type] ?? null;
  if (!group) input.control.id = `${labelId}-input`;
  const caption =
    one.type === TICK
      ? null
      : h(
          group ? "span" : "label",
          { id: labelId, class: "field-label", for: group ? null : `${labelId}-input` },
          label,
          required && h("span", { class: "star", "aria-hidden": "true" }, " *"),
          required && !CAN_BE_REQUIRED.has(one.type) && h("span", { class: "sr-only" }, " (required)"),
        );
  const element = h(
    "div",
    { class: "modal-field", role: group, "aria-labelledby": group && labelId },
    caption,
    about,
    input.element,
    errorLine,
  );
  if (one.type === TICK) input.element.append(h("span", {}, label));
  /** What assistive technology says of the field: the whole group, where it is one. */
  const labelledElement = group ? element : input.control;
  labelledElement.setAttribute("aria-describedby", [about && about.id, errorLine.id].filter(Boolean).join(" "));
  if (required && CAN_BE_REQUIRED.has(one.type)) labelledElement.setAttribute("aria-required", "true");
  return {
    element,
    id: one.custom_id,
    focus: () => input.control.focus(),
    value: input.value,
    check() {
      const problem = input.empty() ? (required ? "This field is required." : "") : (input.problem?.() ?? "");
      errorLine.textContent = problem;
      element.classList.toggle("wrong", Boolean(problem));
      input.control.setAttribute("aria-invalid", String(Boolean(problem)));
      return !problem;
    },
  };
}

function inputFor(one, labelId) {
  switch (one.type) {
    case TEXT_INPUT:
      return text(one);
    case FILES:
      return files(one);
    case RADIO:
      return choiceGroup(one, "radio");
    case TICKS:
      return choiceGroup(one, "checkbox");
    case TICK:
      return checkbox(one);
    default:
      return menu(one, labelId);
  }
}

function text(one) {
  const long = one.style === PARAGRAPH;
  const most = one.max_length ?? LONGEST;
  const props = {
    class: "field-input",
    placeholder: one.placeholder,
    value: one.value ?? "",
    maxlength: most,
    autocomplete: "off",
  };
  const control = long ? h("textarea", { ...props, rows: 4 }) : h("input", { ...props, type: "text" });
  const count = h("span", { class: "field-count", "aria-hidden": "true" });
  const show = () => {
    count.textContent =
      one.max_length || control.value.length > most - 200 ? `${control.value.length}/${most}` : "";
  };
  control.addEventListener("input", show);
  show();
  const problem = () =>
    control.value.length < (one.min_length ?? 0) ? `Must be at least ${one.min_length} characters.` : "";
  return {
    element: h("div", { class: "field-box" }, control, count),
    control,
    empty: () => control.value === "",
    value: async () => control.value,
    problem,
  };
}

function menu(one, labelId) {
  const least = one.min_values ?? 1;
  const control = select(one, () => {}, labelId);
  const problem = () => (control.values.length < least ? `Choose at least ${least}.` : "");
  return {
    element: h("div", { class: "field-menu" }, control),
    control,
    empty: () => control.values.length === 0,
    value: async () => control.values,
    problem,
  };
}

function files(one) {
  const most = one.max_values ?? 1;
  const least = one.min_values ?? 1;
  const control = h("input", { type: "file", class: "field-input", multiple: most > 1 });
  const place = h("div", { class: "file-preview" });
  control.addEventListener("change", () => showPreviews(place, control.files));
  const problem = () =>
    control.files.length < least || control.files.length > most
      ? `Choose ${least === most ? least : `${least} to ${most}`} files.`
      : tooLarge(control.files);
  return {
    element: h("div", {}, place, control),
    control,
    empty: () => control.files.length === 0,
    value: () => Promise.all([...control.files].map(upload)),
    problem,
  };
}

function choiceGroup(one, kind) {
  const name = freshId("choice");
  const inputs = one.options.map((option) =>
    h("input", { type: kind, name, value: option.value, checked: option.default }),
  );
  const rows = one.options.map((option, index) =>
    h(
      "label",
      { class: "choice" },
      inputs[index],
      h(
        "span",
        {},
        option.label,
        option.description && h("span", { class: "option-hint" }, option.description),
      ),
    ),
  );
  const picked = () => inputs.filter((input) => input.checked).map((input) => input.value);
  const [least, most] =
    kind === "radio" ? [0, 1] : [one.min_values ?? 1, one.max_values ?? one.options.length];
  const problem = () =>
    picked().length < least || picked().length > most
      ? `Choose ${least === most ? least : `${least} to ${most}`}.`
      : "";
  return {
    element: h("div", { class: "choices" }, rows),
    control: inputs[0],
    empty: () => picked().length === 0,
    value: async () => (kind === "radio" ? (picked()[0] ?? null) : picked()),
    problem,
  };
}

function checkbox(one) {
  const control = h("input", { type: "checkbox", checked: one.default });
  return {
    element: h("label", { class: "choice" }, control),
    control,
    empty: () => !control.checked,
    value: async () => control.checked,
  };
}
