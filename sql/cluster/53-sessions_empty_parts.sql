-- As for events: the tokens of what was deleted stay known.
ALTER TABLE {database:Identifier}.sessions_local ON CLUSTER '{cluster}' MODIFY SETTING remove_empty_parts = 0;
