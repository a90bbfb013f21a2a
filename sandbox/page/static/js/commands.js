/** The commands as a person invokes them: each sub-command by itself, found by what was typed. */

const CHAT_INPUT = 1;
const GROUPING = 2;

/** One entry for each thing that can be run. */
export function invocations(commands) {
  return commands.filter((one) => one.type === CHAT_INPUT).flatMap((one) => expand(one, [one.name], one.nsfw));
}

function expand(one, path, nsfw) {
  const options = one.options ?? [];
  const groups = options.filter((option) => option.type <= GROUPING);
  if (!groups.length) return [{ path, nsfw, description: one.description, options }];
  return groups.flatMap((group) => expand(group, [...path, group.name], nsfw));
}

export const commandName = (one) => one.path.join(" ");

/** What was typed after the command's name. */
export function textAfterName(one, words) {
  const [, rest] = words.match(new RegExp(`^\\s*${one.path.join("\\s+")}\\s+(.*)$`, "is")) ?? [];
  return rest ?? "";
}

export function matching(all, words) {
  const typed = words.trimStart().toLowerCase().replace(/\s+/g, " ");
  const starts = all.filter((one) => commandName(one).startsWith(typed) || typed.startsWith(`${commandName(one)} `));
  const holds = all.filter((one) => !starts.includes(one) && commandName(one).includes(typed));
  return [...starts, ...holds];
}
