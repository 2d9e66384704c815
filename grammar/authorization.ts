// Who is asking, in Redshift's words: IAM_ROLE, a pair of keys, or CREDENTIALS.
import type { ParserMethod } from "chevrotain";
import { clauseKit, oncePerParser, textRule } from "./clauses.ts";
import { parseCredentials, type CredentialName } from "./credentials.ts";
import { defined } from "./defined.ts";
import { syntaxError } from "./diagnostic.ts";
import { spanOfToken } from "./create-nodes.ts";
import type { Kit } from "./kit.ts";
import type { Span, TextNode, TextOption } from "./nodes.ts";
import { spanInLiteral, spanOfLiteral } from "./redshift-literal.ts";
import { k } from "./tokens.ts";

export interface RoleOption {
  readonly name: "IAM_ROLE";
  /** `default` is the word DEFAULT: the cluster's own role. */
  readonly role: "default" | TextNode;
  readonly span: Span;
}

/** One `name=value` of a CREDENTIALS string; the span is the value's. */
export interface CredentialPart {
  readonly name: CredentialName;
  readonly value: string;
  readonly span: Span;
}

export interface CredentialsOption {
  readonly name: "CREDENTIALS";
  readonly text: TextNode;
  /** Absent when the string is not known from the statement alone. */
  readonly parts?: readonly CredentialPart[];
  readonly span: Span;
}

export type AuthorizationOption =
  | RoleOption
  | CredentialsOption
  | TextOption<"ACCESS_KEY_ID" | "SECRET_ACCESS_KEY" | "SESSION_TOKEN">;

export const authorization = oncePerParser((p): ParserMethod<[], AuthorizationOption> => {
  const role = defineRole(p);
  const credentials = defineCredentials(p);
  const key = textRule(p, "accessKey", {
    positions: {
      ACCESS_KEY_ID: "credentials",
      SECRET_ACCESS_KEY: "credentials",
      SESSION_TOKEN: "credentials",
      // The name of SESSION_TOKEN in early releases.
      TOKEN: "credentials",
    },
    as: false,
  });
  return p.RULE("authorization", (): AuthorizationOption =>
    p.OR<[{ ALT: () => AuthorizationOption }, { ALT: () => AuthorizationOption }, { ALT: () => AuthorizationOption }]>([
      { ALT: () => p.SUBRULE(role) },
      { ALT: () => p.SUBRULE(credentials) },
      {
        ALT: () => {
          const { name, text, span } = p.SUBRULE(key);
          return { name: name === "TOKEN" ? "SESSION_TOKEN" : name, text, span };
        },
      },
    ]),
  );
});

function defineRole(p: Kit): ParserMethod<[], RoleOption> {
  const { string } = clauseKit(p);
  return p.RULE("iamRole", (): RoleOption => {
    const keyword = p.CONSUME(k.IAM_ROLE);
    const role = p.OR<[{ ALT: () => "default" }, { ALT: () => TextNode }]>([
      {
        ALT: () => {
          p.CONSUME(k.DEFAULT);
          return "default";
        },
      },
      { ALT: () => p.SUBRULE(string) },
    ]);
    return { name: "IAM_ROLE", role, span: spanOfToken(keyword) };
  });
}

function defineCredentials(p: Kit): ParserMethod<[], CredentialsOption> {
  const { string } = clauseKit(p);
  return p.RULE("credentials", (): CredentialsOption => {
    p.OPTION(() => p.CONSUME(k.WITH));
    const keyword = p.CONSUME(k.CREDENTIALS);
    p.OPTION1(() => p.CONSUME(k.AS));
    const text = p.SUBRULE(string, { ARGS: ["credentials"] });
    const parts = p.ACTION(() => (text.kind === "string" ? splitLiteral(p, text.value) : undefined));
    return defined({ name: "CREDENTIALS", text, parts, span: spanOfToken(keyword) });
  });
}

/** The parts of the literal that was read last; complains when it has not the shape. */
function splitLiteral(p: Kit, value: string): readonly CredentialPart[] {
  const literal = spanOfLiteral(p.LA(0));
  const parsed = parseCredentials(value);
  if (parsed.ok) {
    return parsed.pairs.map(({ name, value, start, end }) => ({
      name,
      value,
      span: spanInLiteral(literal, start, end),
    }));
  }
  const { message, hint, start, end } = parsed.problem;
  p.notice(syntaxError(spanInLiteral(literal, start, end), message, hint));
  return [];
}
