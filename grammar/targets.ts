// What BACKUP and RESTORE are about: tables, databases, one virtual cluster. No targets means the whole cluster.
import type { ParserMethod } from "chevrotain";
import type { Kit } from "./kit.ts";
import type { NameNode, TablePatternNode, TextNode } from "./nodes.ts";
import type { Printer } from "./print.ts";
import { k, t } from "./tokens.ts";

export type Targets =
  | { readonly type: "tables"; readonly tables: readonly TablePatternNode[] }
  | { readonly type: "databases"; readonly databases: readonly NameNode[] }
  | { readonly type: "tenant"; readonly tenant: TextNode };

export function defineTargets(p: Kit, name: string): ParserMethod<[], Targets> {
  const tenant = p.RULE(`${name}Tenant`, (): TextNode =>
    p.OR([{ ALT: () => p.SUBRULE(p.number) }, { ALT: () => p.SUBRULE(p.text) }]),
  );

  const databases = p.RULE(`${name}Databases`, (): Targets => {
    const names: NameNode[] = [];
    p.CONSUME(k.DATABASE);
    p.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => void names.push(p.SUBRULE(p.name)) });
    return { type: "databases", databases: names };
  });

  const tables = p.RULE(`${name}Tables`, (): Targets => {
    const patterns: TablePatternNode[] = [];
    p.OPTION(() => p.CONSUME(k.TABLE));
    p.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => void patterns.push(p.SUBRULE(p.tablePattern)) });
    return { type: "tables", tables: patterns };
  });

  return p.RULE(`${name}Targets`, (): Targets =>
    p.OR([
      { ALT: () => p.SUBRULE(databases) },
      {
        ALT: (): Targets => {
          p.CONSUME(k.TENANT);
          return { type: "tenant", tenant: p.SUBRULE1(tenant) };
        },
      },
      {
        ALT: (): Targets => {
          p.CONSUME(k.VIRTUAL);
          p.CONSUME(k.CLUSTER);
          return { type: "tenant", tenant: p.SUBRULE2(tenant) };
        },
      },
      { ALT: () => p.SUBRULE(tables) },
    ]),
  );
}

export function printTargets(targets: Targets | undefined, p: Printer): string | undefined {
  if (targets === undefined) return undefined;
  if (targets.type === "tables") return `TABLE ${targets.tables.map((table) => p.table(table)).join(", ")}`;
  if (targets.type === "databases") return `DATABASE ${targets.databases.map((name) => p.name(name)).join(", ")}`;
  return `VIRTUAL CLUSTER ${p.text(targets.tenant)}`;
}
