-- What is read has the columns, too.
ALTER TABLE {database:Identifier}.sessions ON CLUSTER '{cluster}'
    ADD COLUMN IF NOT EXISTS first AggregateFunction(argMin, String, Int64),
    ADD COLUMN IF NOT EXISTS last_user_id AggregateFunction(argMax, Nullable(String), Int64);
