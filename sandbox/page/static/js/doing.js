/** Buttons of a drawer that do something, and the line that says what came of it. */

import { Refused } from "./connection.js";
import { h } from "./dom.js";

const line = h("p", { class: "said", role: "status" });

export const said = () => line;

export function doer(label, doing, done, style = "secondary") {
  return h(
    "button",
    {
      type: "button",
      class: `button ${style}`,
      onclick: async (event) => {
        const button = event.currentTarget;
        button.setAttribute("aria-busy", "true");
        await doSafely(doing, done);
        button.removeAttribute("aria-busy");
      },
    },
    label,
  );
}

export async function doSafely(doing, done) {
  try {
    await doing();
    line.textContent = done;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    line.textContent = error.message;
  }
}
