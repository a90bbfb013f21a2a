/** A modal that the bot opened; it stays open until the bot has responded to its submission. */

import { Refused, sendAction } from "./connection.js";
import { freshId, h, icon, setChildren } from "./dom.js";
import { fields } from "./modalfields.js";
import { followingAnswers } from "./autoscroll.js";
import { state } from "./store.js";

export function openModal(modal, from) {
  const all = fields(modal.components);
  const problem = h("div", { class: "refusal", role: "alert" });
  const titleId = freshId("modal");
  const send = h("button", { type: "submit", class: "button primary" }, "Submit");
  const cancel = h(
    "button",
    { type: "button", class: "button plain", onclick: () => dialog.close() },
    "Cancel",
  );
  const form = h(
    "form",
    {
      class: "modal-form",
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        submit();
      },
    },
    h(
      "header",
      { class: "modal-head" },
      h("h2", { id: titleId }, modal.title),
      h(
        "button",
        { type: "button", class: "icon-button", "aria-label": "Close", onclick: () => dialog.close() },
        icon("close"),
      ),
    ),
    h(
      "div",
      { class: "modal-body" },
      h(
        "p",
        { class: "modal-note" },
        `This form goes to ${state.directory.bot.name}. Do not share passwords or other sensitive information.`,
      ),
      all.map((field) => field.element),
      problem,
    ),
    h("footer", { class: "modal-foot" }, cancel, send),
  );
  const dialog = h(
    "dialog",
    {
      class: "modal",
      "aria-labelledby": titleId,
      onclose: () => {
        dialog.remove();
        if (from?.isConnected) from.focus();
      },
    },
    form,
  );

  const submit = async () => {
    const inputs = all.filter((field) => field.id);
    const wrong = inputs.filter((field) => !field.check());
    if (wrong.length) return wrong[0].focus();
    send.setAttribute("aria-busy", "true");
    send.disabled = true;
    setChildren(problem);
    try {
      const given = await Promise.all(inputs.map(async (field) => [field.id, await field.value()]));
      const filled = { modal: modal.number, fields: Object.fromEntries(given) };
      const answer = await followingAnswers(() => sendAction("submit", filled));
      if (answer.state === "no answer")
        return setChildren(problem, h("p", {}, "Something went wrong. Try again."));
      dialog.close();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      setChildren(problem, h("p", {}, error.message));
    } finally {
      send.removeAttribute("aria-busy");
      send.disabled = false;
    }
    return undefined;
  };
  document.body.append(dialog);
  dialog.showModal();
  (all.find((field) => field.id)?.focus ?? (() => send.focus()))();
}
