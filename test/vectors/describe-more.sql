-- What the descriptions of describe-more.txt are about.
CREATE SCHEMA app; COMMENT ON SCHEMA app IS 'the application';
CREATE ROLE reader NOLOGIN; CREATE ROLE ann LOGIN CONNECTION LIMIT 3 VALID UNTIL '2030-01-01'; GRANT reader TO ann;
CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN email AS text COLLATE "C" NOT NULL DEFAULT 'a@b' CHECK (VALUE <> '') CHECK (VALUE LIKE '%@%');
CREATE DOMAIN posint AS int CHECK (VALUE > 0); COMMENT ON DOMAIN posint IS 'more than none';
CREATE TABLE customers (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email email UNIQUE, mood mood DEFAULT 'ok', CHECK (id > 0));
CREATE TABLE orders (id bigint PRIMARY KEY, customer int NOT NULL REFERENCES customers ON DELETE CASCADE,
  total numeric(10,2) DEFAULT 0, twice numeric GENERATED ALWAYS AS (total * 2) STORED);
COMMENT ON TABLE orders IS 'what was bought'; COMMENT ON COLUMN orders.total IS 'with tax';
CREATE INDEX orders_customer ON orders (customer) WHERE total > 0;
CREATE VIEW big AS SELECT o.id FROM orders o JOIN customers c ON c.id = o.customer WHERE o.total > 100;
CREATE MATERIALIZED VIEW mv AS SELECT 1 AS one; CREATE UNIQUE INDEX mv_one ON mv (one);
CREATE TABLE "Odd Name" (x text COLLATE "C");
CREATE TABLE parts (k int, v text) PARTITION BY RANGE (k); CREATE INDEX parts_k ON parts (k);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20) PARTITION BY LIST (k);
CREATE TABLE parts_2_1 PARTITION OF parts_2 FOR VALUES IN (11, 12);
CREATE TABLE app.log (at timestamptz); GRANT SELECT, INSERT ON app.log TO reader; GRANT UPDATE (at) ON app.log TO ann;
CREATE UNLOGGED TABLE fast (a int); 
CREATE FUNCTION add_one(int) RETURNS int LANGUAGE sql AS 'SELECT $1 + 1';
CREATE FUNCTION two(a int, b text DEFAULT 'x', VARIADIC c int[] DEFAULT '{}') RETURNS SETOF record LANGUAGE plpgsql STABLE SECURITY DEFINER AS $f$
BEGIN
  RETURN;
END $f$;
CREATE PROCEDURE proc(a int) LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE my_sum(int) (SFUNC = int4pl, STYPE = int);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER orders_touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE orders ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON orders FOR SELECT TO reader USING (customer = 1);
CREATE SEQUENCE counter START 5 INCREMENT 2;
CREATE FOREIGN DATA WRAPPER w; CREATE SERVER srv FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE ft (a int) SERVER srv OPTIONS (x '1');
CREATE TABLE inh () INHERITS (app.log); CREATE STATISTICS st ON id, customer FROM orders;
ALTER TABLE orders REPLICA IDENTITY FULL; CREATE PUBLICATION pub FOR TABLE orders;
CREATE RULE r AS ON INSERT TO fast DO ALSO NOTIFY x;
ALTER TABLE customers ADD CONSTRAINT ex EXCLUDE USING btree (id WITH =); CLUSTER customers USING customers_pkey;
