// A small shop, as completion sees it.
import { Catalogue, type Relation, type RelationKind } from "../../src/assist/catalogue.ts";

const RELATIONS: readonly (readonly [path: string, kind: RelationKind, columns: string])[] = [
  ["public.customer", "table", "id integer, name text, email text, city_id integer, created_at timestamptz"],
  ["public.orders", "table", "id bigint, customer_id integer, placed_at timestamptz, status text, total numeric"],
  [
    "public.order_item",
    "table",
    "order_id bigint, line_no integer, product_id integer, quantity integer, price numeric",
  ],
  ["public.product", "table", "id integer, name text, price numeric, order integer, Unit text"],
  ["public.Promotion", "table", "id integer"],
  ["public.city", "table", "id integer, name text, mayor_id integer"],
  ["public.employee", "table", "id integer, name text, manager_id integer"],
  ["public.order_summary", "view", "order_id bigint, items bigint, total numeric"],
  ["public.orders_id_seq", "sequence", ""],
  ["public.orders_status_idx", "index", ""],
  ["audit.event", "table", "id bigint, at timestamptz, actor text, payload jsonb"],
  ["audit.customer", "table", "id integer, changed_at timestamptz"],
  ["pg_catalog.pg_class", "table", "oid oid, relname name"],
];

const KEYS: readonly (readonly [from: string, columns: string, to: string, columns: string])[] = [
  ["customer", "city_id", "city", "id"],
  ["orders", "customer_id", "customer", "id"],
  ["order_item", "order_id", "orders", "id"],
  ["order_item", "product_id", "product", "id"],
  ["employee", "manager_id", "employee", "id"],
];

const FUNCTIONS: readonly (readonly [schema: string, name: string, parameters: string, result: string])[] = [
  ["pg_catalog", "coalesce_all", "anyarray", "anyelement"],
  ["pg_catalog", "count", "*", "bigint"],
  ["pg_catalog", "count", "any", "bigint"],
  ["pg_catalog", "now", "", "timestamp with time zone"],
  ["pg_catalog", "generate_series", "integer, integer", "setof integer"],
  ["pg_catalog", "lower", "text", "text"],
  ["public", "ship_order", "bigint", "boolean"],
  ["audit", "purge", "interval", "bigint"],
  ["public", "archive_old", "date", "procedure"],
];

export function shopCatalogue(): Catalogue {
  const catalogue = new Catalogue();
  for (const schema of ["audit", "public"]) catalogue.addSchema(schema);
  for (const [path, kind, columns] of RELATIONS) {
    const [schema = "", name = ""] = path.split(".");
    const list = columns.split(", ").filter((column) => column !== "");
    catalogue.addRelation({ schema, name, kind, columns: list.map(readColumn) });
  }
  const named = (name: string): Relation => {
    const relation = catalogue.relation([name]);
    if (relation === undefined) throw new Error(`the shop has no ${name}`);
    return relation;
  };
  for (const [from, own, to, far] of KEYS) {
    catalogue.addForeignKey({ from: named(from), fromColumns: [own], to: named(to), toColumns: [far] });
  }
  for (const [schema, name, parameters, result] of FUNCTIONS) {
    catalogue.functions.add(name, { schema, name, parameters, result, rows: result.startsWith("setof") });
  }
  for (const name of ["mood", "money"])
    catalogue.types.add(name, { schema: name === "mood" ? "public" : "pg_catalog", name });
  catalogue.databases.push("postgres", "shop");
  catalogue.roles.push("clerk", "postgres");
  return catalogue;
}

function readColumn(text: string): { readonly name: string; readonly type: string } {
  const space = text.indexOf(" ");
  return { name: text.slice(0, space), type: text.slice(space + 1) };
}
