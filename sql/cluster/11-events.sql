-- What is written and read: all shards.  The key is made of the row alone, so that a batch which is
-- sent again lands on the same shards, where its token is known; a visitor's events are together.
CREATE TABLE IF NOT EXISTS {database:Identifier}.events ON CLUSTER '{cluster}' AS {database:Identifier}.events_local
ENGINE = Distributed('{cluster}', {database:Identifier}, events_local, cityHash64(project_id, anonymous_id));
