-- What SQLite may assume about the tables when it plans a statement: one big connection, selective
-- keys, few open rows. Measured statistics would change with the data and the plans with them;
-- without any it takes a whole connection for a handful of rows. Numbers: rows of the index, then
-- rows per value of its first column, first two columns, and so on.
ANALYZE organisation;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('inbox', 'inbox_dedupe', '1000000 1000000 1000000 1'),
  ('inbox', 'inbox_waiting', '1000 1000 1000 1'),
  ('inbox', 'inbox_done', '1000000 1000000 1000000 1'),
  ('observation', 'sqlite_autoindex_observation_1', '1000000 1000000 1000000 250000 1'),
  ('link', 'link', '1000000 1000000 1000000 500000 1'),
  ('link', 'link_remote', '1000000 1000000 1000000 500000 1'),
  ('subject', 'subject', '1000000 1000000 1000000 1'),
  ('subject', 'subject_dirty', '1000 1000 1000 500 1 1'),
  ('subject', 'subject_timer', '1000 1000 1000 1 1'),
  ('subject', 'subject_watch', '10000 10000 10000 1 1'),
  ('subject', 'subject_seen', '1000000 1000000 1000000 1 1'),
  ('subject', 'subject_updated', '1000000 1000000 1000000 1'),
  ('subject', 'subject_unaccepted', '1000 1000 1000 1'),
  ('subject', 'subject_unwritten', '1000 1000 1000 1'),
  ('subject', 'subject_held', '1000 1000 1000 1 1'),
  ('number', 'number', '3000000 3000000 3000000 1 1 1'),
  ('person', 'person', '1000000 1000000 1000000 1'),
  ('facts', 'sqlite_autoindex_facts_1', '1000000 1000000 1000000 1'),
  ('plan', 'plan_subject', '2000000 2000000 2000000 3 1'),
  ('plan', 'plan_made', '2000000 2000000 2000000 1'),
  ('delivery', 'delivery_key', '3000000 3000000 3000000 1'),
  ('delivery', 'delivery_subject', '3000000 3000000 3000000 3 1'),
  ('delivery', 'delivery_ready', '1000 1000 1000 300 1 1'),
  ('delivery', 'delivery_in_flight', '200 200 200 200'),
  ('delivery', 'delivery_in_doubt', '20 20 20 1'),
  ('attempt', 'attempt', '3000000 3000000 3000000 1 1'),
  ('hold', 'hold_open', '1000 1000 1000 1 1 1 1 1'),
  ('hold', 'hold_cause', '1000 1000 1000 100 1'),
  ('hold', 'hold_closed', '20000 20000 20000 1'),
  ('hold', 'hold_subject', '20000 20000 20000 2 1'),
  ('decision', 'decision_subject', '5000 5000 5000 2 1'),
  ('stock', 'stock', '2000000 2000000 2000000 20 1'),
  ('stock', 'stock_state', '2000000 2000000 2000000 200000 20 1'),
  ('stock_item', 'stock_item', '100000 100000 100000 1'),
  ('stock_event', 'stock_event', '2000000 2000000 2000000 40 20 1'),
  ('stock_event', 'stock_event_age', '2000000 2000000 2000000 1'),
  ('trail', 'trail', '5000000 5000000 5000000 1'),
  ('trail', 'trail_subject', '5000000 5000000 5000000 5 1');
ANALYZE sqlite_schema;
