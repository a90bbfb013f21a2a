/** Sends commands: each is announced as pending until the bot has answered. */

import { Refused } from "./connection.js";
import { byId } from "./dom.js";
import { openModal } from "./modal.js";
import { showRefusal } from "./refusals.js";
import { emit, person, viewKey } from "./store.js";

/** Emits "interaction-sent" and "interaction-done" with {label, user, viewKey}, or "interaction-failed" with
 * {interaction, failure}. Returns why it was refused, or "". */
export async function runCommand(label, send) {
  const begun = viewKey();
  const interaction = { label, user: person(), viewKey: begun };
  emit("interaction-sent", interaction);
  try {
    const answer = await send();
    if (answer.state === "no answer")
      emit("interaction-failed", { interaction, failure: "The application did not respond" });
    else emit("interaction-done", interaction);
    if (answer.modal && begun === viewKey()) openModal(answer.modal, byId("line"));
    return "";
  } catch (error) {
    emit("interaction-done", interaction);
    if (!(error instanceof Refused)) throw error;
    return error.message;
  }
}

/** The same for a command of a context menu: a refusal is shown above the message box. */
export async function runMenuCommand(label, send) {
  const begun = viewKey();
  const refusal = await runCommand(label, send);
  if (refusal && begun === viewKey()) showRefusal(refusal);
}
