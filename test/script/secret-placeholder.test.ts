import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fillPlaceholders, hideSecrets, placeholdersIn } from "../../src/script/secret-placeholder.ts";
import { Secret } from "../../src/std/secret.ts";
import { runTextVectors } from "../harness/text-vectors.ts";

runTextVectors("history/hidden.txt", hideSecrets);

suite("references to secrets", () => {
  const filled = (text: string, ...values: [string, string][]): string =>
    fillPlaceholders(text, new Map(values.map(([name, value]) => [name, new Secret(value)])));

  test("are listed once, in order", () => {
    assert.deepEqual(placeholdersIn("a '‹secret:b›' ‹secret:a-2› '‹secret:b›' ‹secret›"), ["b", "a-2"]);
    assert.deepEqual(placeholdersIn("select '‹redacted›'"), []);
  });

  test("a literal is quoted as a literal", () => {
    assert.equal(filled("password '‹secret:password›';", ["password", "it's"]), "password 'it''s';");
    assert.equal(filled("password '‹secret:password›';", ["password", "a\\b"]), "password E'a\\\\b';");
  });

  test("a piece of a URI is percent-encoded", () => {
    assert.equal(
      filled("into 's3://b?K=‹secret:K›&R=‹secret:R›'", ["K", "a+b/c='"], ["R", "x"]),
      "into 's3://b?K=a%2Bb%2Fc%3D%27&R=x'",
    );
    assert.equal(filled("\\c postgres://ann:‹secret:password›@h", ["password", "p@w"]), "\\c postgres://ann:p%40w@h");
  });

  test("a piece of another text is put in as it is", () => {
    assert.equal(filled("'host=h password=‹secret:password›'", ["password", "it's"]), "'host=h password=it''s'");
  });

  test("without a value it stays", () => {
    assert.equal(filled("'‹secret:a›' '‹secret:b›'", ["b", "x"]), "'‹secret:a›' 'x'");
  });
});
