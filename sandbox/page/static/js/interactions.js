/** Sends commands: each is announced as pending until the bot has answered. */

import { Refused } from "./connection.js";
import { byId } from "./dom.js";
import { openModal } from "./modal.js";
import { showRefusal } from "./refusals.js";
import { announce, person, viewKey } from "./store.js";

/** Events "interaction-sent", "-done" and "-failed" carry the interaction: {label, user, viewKey}; the last carries {interaction, failure}.
 * Returns why it was refused, or "". */
export async function runCommand(label, send) {
  const begun = viewKey();
  const interaction = { label, user: person(), viewKey: begun };
  announce("interaction-sent", interaction);
  try {
    const answer = await send();
    if (answer.state === "no answer")
      announce("interaction-failed", { interaction, failure: "The application did not respond" });
    else announce("interaction-done", interaction);
    if (answer.modal && begun === viewKey()) openModal(answer.modal, byId("line"));
    return "";
  } catch (error) {
    announce("interaction-done", interaction);
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
