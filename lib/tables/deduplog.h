/*
 * Repairs what a crash leaves in the deduplication logs of ClickHouse's tables.
 *
 * The server notes the token of a block first and puts the block's part in
 * place then.  Killed between the two, it takes the rows for stored when they
 * are sent again, and they are lost.  As a note that lacks its part is
 * withdrawn before the server starts again, they are stored.
 */
#ifndef MM_DEDUPLOG_H
#define MM_DEDUPLOG_H

/*
 * Goes through the tables in `directory`, the data of a server that is not
 * running and can't be started meanwhile.  Looks at the last notes of each
 * table only: a crash leaves one of each insert that was under way.  Returns
 * 0, or the errno of what failed.
 */
int deduplog_repair(const char *directory);

#endif
