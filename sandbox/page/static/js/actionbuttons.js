/** Buttons that run an action, and the line that says what came of it. */

import { Refused } from "./connection.js";
import { h } from "./dom.js";

const line = h("p", { class: "said", role: "status" });

export const actionStatus = () => line;

export function actionButton(label, doing, done, style = "secondary") {
  return h(
    "button",
    {
      type: "button",
      class: `button ${style}`,
      onclick: async (event) => {
        const button = event.currentTarget;
        button.setAttribute("aria-busy", "true");
        await runAction(doing, done);
        button.removeAttribute("aria-busy");
      },
    },
    label,
  );
}

/** What cannot be taken back is done by a second press, of a button that says so. */
export function confirmedActionButton(label, question, doing, done) {
  const box = h("div", { class: "buttons" });
  const ask = () => {
    const sure = actionButton("Yes", doing, done, "danger");
    sure.addEventListener("click", offer);
    box.replaceChildren(h("p", { class: "drawer-note" }, question), sure, plainButton("No", offer));
    sure.focus();
  };
  const offer = () => box.replaceChildren(plainButton(label, ask));
  offer();
  return box;
}

const plainButton = (label, onclick) => h("button", { type: "button", class: "button secondary", onclick }, label);

export async function runAction(doing, done) {
  try {
    await doing();
    line.textContent = done;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    line.textContent = error.message;
  }
}
