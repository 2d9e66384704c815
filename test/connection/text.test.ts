import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { holdsPassword, parseConnectionText, sanitizeConnectionText } from "../../src/connection/text.ts";
import { ShellError } from "../../src/errors.ts";

function valuesOf(text: string): Record<string, string> {
  const parsed = parseConnectionText(text);
  assert.equal(parsed.kind, "postgres");
  return parsed.kind === "postgres"
    ? Object.fromEntries([...parsed.values].map(([name, { text }]) => [name, text]))
    : {};
}

suite("URIs", () => {
  const cases: Readonly<Record<string, Record<string, string>>> = {
    "postgres://": {},
    "postgresql://localhost": { host: "localhost" },
    "postgres://ann@h:5433/shop": { user: "ann", host: "h", port: "5433", dbname: "shop" },
    "postgres://ann:p%40ss%2F@h/shop": { user: "ann", password: "p@ss/", host: "h", dbname: "shop" },
    "postgres://h1:1,h2,h3:3/d": { host: "h1,h2,h3", port: "1,,3", dbname: "d" },
    "postgres://[2001:db8::1]:5433/d": { host: "2001:db8::1", port: "5433", dbname: "d" },
    "postgres://%2Fvar%2Frun/d": { host: "/var/run", dbname: "d" },
    "postgres:///d?host=/tmp&sslmode=require&connect_timeout=5": {
      dbname: "d",
      host: "/tmp",
      sslmode: "require",
      connect_timeout: "5",
    },
    "postgres://h/d?options=-c%20geqo%3Doff": { host: "h", dbname: "d", options: "-c geqo=off" },
    "postgres://h/?database=shop": { host: "h", dbname: "shop" },
  };
  for (const [text, expected] of Object.entries(cases)) {
    test(text, () => assert.deepEqual(valuesOf(text), expected));
  }

  test("other services bring their own port", () => {
    const ports = ["postgres://h", "redshift://h", "cockroachdb://h"].map((text) => {
      const parsed = parseConnectionText(text);
      return parsed.kind === "postgres" ? parsed.defaultPort : "";
    });
    assert.deepEqual(ports, ["5432", "5439", "26257"]);
  });
});

suite("pairs and names", () => {
  test("pairs with quotes and escapes", () => {
    assert.deepEqual(valuesOf("host = h port=1 password='a \\'b\\' c' dbname=x\\ y"), {
      host: "h",
      port: "1",
      password: "a 'b' c",
      dbname: "x y",
    });
  });

  test("a bare word is a database", () => assert.deepEqual(valuesOf("shop"), { dbname: "shop" }));

  test("embedded, by default or in a directory", () => {
    assert.deepEqual(parseConnectionText("embedded:"), { kind: "embedded" });
    assert.deepEqual(parseConnectionText("embedded:///srv/a%20b"), { kind: "embedded", directory: "/srv/a b" });
    assert.deepEqual(parseConnectionText("embedded:/srv/b"), { kind: "embedded", directory: "/srv/b" });
  });
});

suite("refusals", () => {
  const canary = "canary-8c1f";
  const cases: Readonly<Record<string, RegExp>> = {
    [`postgres://ann:${canary}@x@h/d`]: /two “@”/,
    [`postgres//ann:${canary}@h/d`]: /no scheme/,
    [`//ann:${canary}@h/d`]: /no scheme/,
    [`postgres:ann:${canary}@h/d`]: /no scheme/,
    [`postgers://ann:${canary}@h/d`]: /unknown scheme postgers/,
    [`postgres://ann:${canary}/y@h/d`]: /“@” comes after/,
    [`postgres://h/d?password=${canary}&nonsense`]: /no value/,
    [`postgres://h/d?password=${canary}%zz`]: /percent sign/,
    [`host=h password=${canary} oops`]: /not name=value/,
    "embedded://relative": /absolute directory is needed/,
    "postgres://a:b:c:1@h:x/d": /not readable/,
    "postgres://h/d?hots=x": /unknown connection parameter hots/,
    "host=h sslcrl=x": /sslcrl is not supported/,
    "host=h gssencmode=require": /gssencmode is not supported/,
  };
  for (const [text, expected] of Object.entries(cases)) {
    test(text, () => {
      assert.throws(
        () => parseConnectionText(text),
        (thrown) => {
          assert.ok(thrown instanceof ShellError);
          assert.equal(thrown.code, "shell/usage");
          assert.match(thrown.message, expected);
          assert.ok(!`${thrown.message}${thrown.hint ?? ""}`.includes(canary));
          return true;
        },
      );
    });
  }

  test("an unknown scheme or parameter names the nearest", () => {
    const hints = ["postgers://h", "host=h usr=x"].map((text) => {
      try {
        return parseConnectionText(text);
      } catch (thrown) {
        return thrown instanceof ShellError ? thrown.hint : "";
      }
    });
    assert.deepEqual(hints, ["write postgres://…", "did you mean user?"]);
  });
});

test("texts are shown without their secrets", () => {
  assert.equal(
    sanitizeConnectionText("postgres://ann:x@h/d?sslmode=require"),
    "postgres://ann:‹redacted›@h/d?sslmode=‹redacted›",
  );
  assert.equal(sanitizeConnectionText("host=h password='a b' user=u"), "host=h password=‹redacted› user=u");
  assert.equal(sanitizeConnectionText("postgres://ann@h/d"), "postgres://ann@h/d");
});

test("a password in the text is noticed", () => {
  assert.ok(holdsPassword("postgres://a:b@h"));
  assert.ok(holdsPassword("host=h password=x"));
  assert.ok(holdsPassword("postgres://h/d?password=x"));
  assert.ok(!holdsPassword("postgres://a@h:5432/d"));
  assert.ok(!holdsPassword("postgres://a:@h"));
});
