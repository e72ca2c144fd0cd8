-- As for events: the tokens of what was deleted stay known.
ALTER TABLE {database:Identifier}.daily_rollup_local ON CLUSTER '{cluster}' MODIFY SETTING remove_empty_parts = 0;
