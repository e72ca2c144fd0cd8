-- As for events: the tokens of what was deleted stay known.
ALTER TABLE sessions MODIFY SETTING remove_empty_parts = 0;
