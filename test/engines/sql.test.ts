import assert from "node:assert/strict";
import { test } from "node:test";
import {
  lexSql,
  quoteIdentifier,
  quoteLiteral,
  quoteQualified,
  splitStatements,
  unquoteIdentifier,
} from "../../src/engines/sql.ts";
import { parseNameList, printSetting } from "../../src/engines/settings-text.ts";

test("names are always quoted", () => {
  assert.equal(quoteIdentifier("select"), '"select"');
  assert.equal(quoteIdentifier('We;rd "x\n'), '"We;rd ""x\n"');
  assert.equal(quoteQualified("s", 't"1'), '"s"."t""1"');
  assert.equal(quoteQualified("", "t"), '"t"');
  for (const name of ["a", 'a"b', '""']) assert.equal(unquoteIdentifier(quoteIdentifier(name)), name);
});

test("constants do not depend on standard_conforming_strings", () => {
  assert.equal(quoteLiteral("it's"), "'it''s'");
  assert.equal(quoteLiteral("a\\'b"), "E'a\\\\''b'");
  assert.equal(quoteLiteral(""), "''");
});

test("statements end at semicolons that nothing hides", () => {
  const statements = [
    "SELECT ';' , \"a;b\", E'\\';', 'it''s;'",
    "SELECT $$;$$ || $x$;$$;$x$ || $ü$;$ü$",
    "SELECT 1 -- ;\n + 2",
    "SELECT /* ; /* ; */ ; */ 1",
    "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)",
    "SELECT a$1$b, $1",
  ];
  assert.deepEqual(splitStatements(`${statements.join(";\n")};;\n ;`), statements);
  assert.deepEqual(
    splitStatements("SELECT 'open ; "),
    ["SELECT 'open", ""].filter((text) => text !== ""),
  );
});

test("words, names and constants are elements", () => {
  const sql = `GRANT SELECT("a b") ON TABLE s."t""x" TO r; -- end`;
  const elements = ["GRANT", "SELECT", "(", '"a b"', ")", "ON", "TABLE", "s", ".", '"t""x"', "TO", "r", ";"];
  assert.deepEqual(lexSql(sql), elements);
});

test("stored settings as statements", () => {
  assert.deepEqual(parseNameList('"$user", public,"a,""b"'), ["$user", "public", 'a,"b']);
  assert.deepEqual(parseNameList(""), []);
  assert.equal(printSetting('search_path="$user", "My;Schema"'), `SET "search_path" TO '$user', 'My;Schema'`);
  assert.equal(printSetting('search_path=""'), `SET "search_path" TO ''`);
  assert.equal(printSetting("work_mem=8MB"), `SET "work_mem" TO '8MB'`);
  assert.equal(printSetting("app.name=a=b, c"), `SET "app"."name" TO 'a=b, c'`);
  assert.equal(printSetting("DateStyle=ISO, MDY"), `SET "DateStyle" TO 'ISO, MDY'`);
});
