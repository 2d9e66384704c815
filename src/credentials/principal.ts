import type { Location } from "../location.ts";
import { Secret } from "../std/secret.ts";

/** Who asks in a location's name, for messages about what is not allowed; never a secret. */
export function principalOf(location: Location): string {
  const role = (location.text("ASSUME_ROLE") ?? "").split(",").at(-1)?.split(";")[0]?.trim() ?? "";
  if (role !== "") return role;
  if (location.text("AUTH") === "implicit") return "this machine's identity";
  const accessKey = location.text("AWS_ACCESS_KEY_ID");
  if (accessKey !== undefined) return `the access key ${accessKey}`;
  if (location.secret("AZURE_ACCOUNT_KEY") !== undefined) return "the account key";
  const application = location.text("AZURE_CLIENT_ID");
  if (application !== undefined) return `the application ${application}`;
  const account = accountOf(location.secret("CREDENTIALS"));
  if (account !== undefined) return account;
  return location.secret("BEARER_TOKEN") === undefined ? "these credentials" : "the bearer token";
}

function accountOf(key: Secret | undefined): string | undefined {
  if (key === undefined) return undefined;
  try {
    const fields: unknown = JSON.parse(Buffer.from(key.reveal(), "base64").toString("utf8"));
    const email: unknown =
      typeof fields === "object" && fields !== null ? Reflect.get(fields, "client_email") : undefined;
    return typeof email === "string" && /^[\w.@-]+$/u.test(email) ? email : undefined;
  } catch {
    return undefined;
  }
}
