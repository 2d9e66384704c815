/** A database small enough to be backed up many times, with one of each thing that backups treat in its own way. */
export const SMALL_SHOP = `
  CREATE SCHEMA shop;
  CREATE TYPE shop.mood AS ENUM ('calm', 'wild');
  CREATE FUNCTION shop.tax(amount numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS 'SELECT amount * 0.2';
  CREATE TABLE shop.customers (id serial PRIMARY KEY, name text NOT NULL, mood shop.mood DEFAULT 'calm');
  CREATE TABLE shop.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer integer NOT NULL REFERENCES shop.customers, amount numeric(10, 2), note text);
  DO $$ BEGIN IF current_setting('server_version_num')::integer >= 120000 THEN
    EXECUTE 'ALTER TABLE shop.orders ADD COLUMN tax numeric GENERATED ALWAYS AS (shop.tax(amount)) STORED';
  END IF; END $$;
  CREATE INDEX orders_by_customer ON shop.orders (customer);
  CREATE VIEW shop.totals AS SELECT name, sum(amount) AS total FROM shop.orders JOIN shop.customers AS c ON c.id = customer
    GROUP BY name;
  CREATE MATERIALIZED VIEW shop.counts AS SELECT customer, count(*) AS orders FROM shop.orders GROUP BY customer;
  CREATE TABLE public.events (at date NOT NULL, what text) PARTITION BY RANGE (at);
  CREATE TABLE public.events_2025 PARTITION OF public.events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
  CREATE TABLE public.events_2026 PARTITION OF public.events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE TABLE public.notes (id integer, body text);
  COMMENT ON TABLE public.notes IS 'what nobody may lose';
  ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
  CREATE POLICY mine ON public.notes USING (id > 0);
  GRANT SELECT ON public.notes TO PUBLIC;
  INSERT INTO shop.customers (name, mood) VALUES ('Ann', 'calm'), ('Bob', 'wild'), ('Çağ', NULL);
  INSERT INTO shop.orders (customer, amount, note) SELECT 1 + n % 3, n, repeat('x', n) FROM generate_series(1, 50) AS n;
  INSERT INTO public.events SELECT date '2025-06-01' + n * 10, 'e' || n FROM generate_series(1, 40) AS n;
  INSERT INTO public.notes VALUES (1, 'one'), (2, NULL), (3, E'tab\\tline\\n\\\\');
  REFRESH MATERIALIZED VIEW shop.counts;`;
