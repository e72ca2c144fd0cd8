-- What is read: all shards.  It is written by the views of each shard alone.
CREATE TABLE IF NOT EXISTS {database:Identifier}.sessions ON CLUSTER '{cluster}' AS {database:Identifier}.sessions_local
ENGINE = Distributed('{cluster}', {database:Identifier}, sessions_local);
