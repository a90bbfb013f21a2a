/** The form of a command: a field for each option, with the checks of Discord's client. */

import { combobox } from "./combobox.js";
import { commandName } from "./commands.js";
import { Refused, sendAction } from "./connection.js";
import { h, icon } from "./dom.js";
import { optionField } from "./optionfields.js";
import { showRefusal } from "./refusals.js";

const STRING = 3;

/** `send(doing)` takes it from the screen, and puts it back if Discord refuses; `left(words)` puts it away,
 * and those words into the message box. */
export function commandForm(command, { send, left }) {
  const fields = new Map();
  const name = commandName(command);
  const values = () =>
    Object.fromEntries(
      [...fields].map(([key, field]) => [key, field.peek()]).filter(([, value]) => value !== undefined),
    );
  /** After a choice: on to the next required option that is still empty. */
  const next = () => {
    const rest = command.options.filter((option) => option.required && fields.get(option.name).isEmpty());
    if (rest.length) fields.get(rest[0].name).focus();
  };
  const context = { command: name, values, next };
  const take = (option) => {
    const field = add(option);
    offerRest();
    field.focus();
  };
  /** Options by their names, for whoever types on. */
  const find = async (typed) =>
    command.options
      .filter((option) => !fields.has(option.name) && option.name.includes(typed.toLowerCase()))
      .map((option) => ({ label: `${option.name}: ${option.description}`, value: option.name }));
  const finder = combobox({
    label: "an option",
    find,
    lazy: true,
    taken: (chosen) => {
      finder.clear();
      take(command.options.find((option) => option.name === chosen));
    },
  });
  finder.element.classList.add("option-finder");
  finder.control.setAttribute("aria-label", "Add an option");
  finder.control.setAttribute("placeholder", "option…");
  const places = h("div", { class: "option-fields" });
  const more = h("div", { class: "option-more", role: "group", "aria-label": "Optional" });
  const help = h("p", { class: "option-help" }, command.description);
  const form = h(
    "form",
    {
      class: "command-form",
      novalidate: true,
      "aria-label": `/${name}`,
      onsubmit: (event) => {
        event.preventDefault();
        submit();
      },
    },
    h(
      "div",
      { class: "form-line" },
      h("span", { class: "command-chip" }, `/${name}`),
      places,
      finder.element,
      more,
      h("button", { type: "submit", class: "icon-button send", "aria-label": "Send command" }, icon("send")),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": "Leave the command", onclick: () => left() },
        icon("close"),
      ),
    ),
    help,
  );

  const add = (option) => {
    const field = optionField(option, context);
    fields.set(option.name, field);
    field.element.addEventListener("focusin", () => {
      help.textContent = `${option.name}: ${option.description}`;
    });
    if (!option.required) {
      field.element.append(
        h(
          "button",
          {
            type: "button",
            class: "option-remove",
            "aria-label": `Remove ${option.name}`,
            onclick: () => drop(option),
          },
          "×",
        ),
      );
    }
    places.append(field.element);
    return field;
  };
  const drop = (option) => {
    fields.get(option.name).element.remove();
    fields.delete(option.name);
    offerRest();
    (fields.values().next().value ?? finder.control).focus();
  };
  const offerRest = () => {
    const rest = command.options.filter((option) => !fields.has(option.name));
    more.replaceChildren(
      ...rest.map((option) =>
        h(
          "button",
          {
            type: "button",
            class: "pill add",
            title: option.description,
            onclick: () => take(option),
          },
          `+ ${option.name}`,
        ),
      ),
    );
    finder.element.hidden = rest.length === 0;
  };
  const submit = async () => {
    const problems = [...fields.values()].map((field) => field.check()).filter(Boolean);
    showRefusal(problems[0] ?? "");
    if (problems.length) return [...fields.values()].find((field) => field.wrong).focus();
    let options;
    try {
      options = Object.fromEntries(
        await Promise.all([...fields].map(async ([key, field]) => [key, await field.value()])),
      );
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return showRefusal(error.message);
    }
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    return send(() => sendAction("use", { command: name, options: given }));
  };
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) left();
    if (event.key === "Backspace" && event.target.value === "" && ![...fields.values()].some((one) => !one.isEmpty()))
      return goBack(event);
    if (
      event.key === "Enter" &&
      !event.shiftKey &&
      !event.defaultPrevented &&
      event.target.matches("input, textarea")
    ) {
      event.preventDefault();
      submit();
    }
  });
  /** From an empty command to the words that it was chosen with. */
  const goBack = (event) => {
    event.preventDefault();
    left(`/${name}`);
  };
  form.begin = (words) => {
    const first = words && command.options.find((one) => one.type === STRING && !one.choices?.length);
    command.options.filter((option) => option.required || option === first).forEach(add);
    offerRest();
    if (first) return fields.get(first.name).fill(words);
    const start = command.options.length ? finder.control : form.querySelector(".send");
    return (fields.values().next().value ?? start).focus();
  };
  return form;
}
