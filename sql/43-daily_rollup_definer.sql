-- Since ClickHouse 24.2: the view works with the rights of the user who applies this, so that one
-- who may only insert into events need not be able to read it.  An older server has no such
-- thing: then the step waits for a newer one.
ALTER TABLE daily_rollup_mv MODIFY SQL SECURITY DEFINER DEFINER = CURRENT_USER;
