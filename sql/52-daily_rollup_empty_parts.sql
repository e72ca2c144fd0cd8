-- As for events: the tokens of what was deleted stay known.
ALTER TABLE daily_rollup MODIFY SETTING remove_empty_parts = 0;
