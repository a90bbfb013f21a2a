/** The commands as a person invokes them: sub-commands spelled out, found by what was typed. */

const CHAT_INPUT = 1;
const GROUPING = 2;

/** One entry for each thing that can be run. */
export function invocations(commands) {
  return commands.filter((one) => one.type === CHAT_INPUT).flatMap((one) => below(one, [one.name], one.nsfw));
}

function below(one, path, nsfw) {
  const options = one.options ?? [];
  const groups = options.filter((option) => option.type <= GROUPING);
  if (!groups.length) return [{ path, nsfw, description: one.description, options }];
  return groups.flatMap((group) => below(group, [...path, group.name], nsfw));
}

export const spelled = (one) => one.path.join(" ");

/** What was typed after the command's name. */
export function restAfter(one, words) {
  const [, rest] = words.match(new RegExp(`^\\s*${one.path.join("\\s+")}\\s+(.*)$`, "is")) ?? [];
  return rest ?? "";
}

export function matching(all, words) {
  const typed = words.trimStart().toLowerCase().replace(/\s+/g, " ");
  const starts = all.filter((one) => spelled(one).startsWith(typed) || typed.startsWith(`${spelled(one)} `));
  const holds = all.filter((one) => !starts.includes(one) && spelled(one).includes(typed));
  return [...starts, ...holds];
}
