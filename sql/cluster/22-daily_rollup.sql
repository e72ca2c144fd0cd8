-- What is read: all shards.  It is written by the views of each shard alone.
CREATE TABLE IF NOT EXISTS {database:Identifier}.daily_rollup ON CLUSTER '{cluster}' AS {database:Identifier}.daily_rollup_local
ENGINE = Distributed('{cluster}', {database:Identifier}, daily_rollup_local);
