/** Whether to colour one stream. Order: --color, NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE, TERM=dumb, terminal. */
export function usesColour(
  asked: "auto" | "always" | "never",
  environment: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  if (asked !== "auto") return asked === "always";
  if (isSet(environment["NO_COLOR"])) return false;
  if (isForced(environment["FORCE_COLOR"]) || isForced(environment["CLICOLOR_FORCE"])) return true;
  return environment["TERM"] !== "dumb" && isTerminal;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}

function isForced(value: string | undefined): boolean {
  return isSet(value) && value !== "0" && value !== "false";
}
