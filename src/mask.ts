import type { Mask } from "../grammar/index.ts";
import { maskUri } from "./location-mask.ts";

/** URIs keep scheme, host, path and parameter names; passphrases and credentials are hidden whole. */
export const maskStatement: Mask = (literal, position) => {
  if (position === "location" || position === "kms") return maskUri(literal.value);
  return "•••";
};
