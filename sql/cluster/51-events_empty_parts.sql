-- A part that a deletion has emptied stays: where it is removed, ClickHouse also forgets the
-- deduplication tokens of the batches that went into it, and one that is sent again is stored again.
ALTER TABLE {database:Identifier}.events_local ON CLUSTER '{cluster}' MODIFY SETTING remove_empty_parts = 0;
