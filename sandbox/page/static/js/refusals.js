/** What Discord's client, or the sandbox, refused: said in red above the message box. */

import { Refused } from "./connection.js";
import { h, setChildren } from "./dom.js";

const line = h("div", { class: "refusal", role: "alert" });

export const refusalLine = () => line;

/** Replaces what was shown before; "" clears it. */
export function showRefusal(text) {
  setChildren(line, text && h("p", {}, text));
}

/** The result of `action`, or null after its refusal has been shown. */
export async function showingRefusal(action) {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    showRefusal(error.message);
    return null;
  }
}
