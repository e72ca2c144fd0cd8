/*
 * The routes that ask: from a request's parameters to the body of the answer.
 * Knows no connections.  Each function blocks until ClickHouse has answered; it
 * may be called on any thread, with a connection to ClickHouse that no other
 * thread uses meanwhile.
 *
 * All are bound to one project, which no parameter can name.  Each appends one
 * JSON object, or a page, to `body` and returns the HTTP status:
 *
 *     200    the answer
 *     400    {"error":"invalid_params", "invalid_group_by" or "invalid_payload","details":{..}}
 *     500    {"error":"internal_error" or "forget_failed","details":TEXT}
 *     502    {"error":"upstream_failed","details":TEXT}
 *
 * An error's body holds no address and no word of ClickHouse's.  Those are for
 * whoever runs the server: `e` tells them where ClickHouse is the reason (502,
 * forget_failed); else e->status is CLICKHOUSE_OK.
 */
#ifndef MM_READ_H
#define MM_READ_H

#include "clickhouse/clickhouse.h"

enum read_route { READ_QUERY, READ_STATS, READ_SOURCES };

/*
 * Answers GET /v1/query, /v1/stats or /v1/sources.  `query` is that of the URL,
 * as it was sent, without its '?'; `project` the text of a UUID.  The rows are
 * those of mm-query, mm-stats and mm-sources.
 */
unsigned read_answer(enum read_route, struct span query, struct span project, struct clickhouse *,
    struct buf *body, struct clickhouse_error *e);

/*
 * Answers POST /v1/forget: deletes the events of the person that the body names,
 * {"user_id":..}, {"anonymous_id":..} or both, as mm-forget does it.  200
 * {"ok":true,"queued":true} says that the person is on the list of those whose events are
 * refused, also events that wait to be stored, that what is stored is hidden from every
 * reader, and that ClickHouse has been told to take it off the disk.  It may
 * take seconds, and waits for an mm-forget that is at work.  An error may come of a
 * part that was done: sent again, it comes to the same end.  Needs sodium_init.
 */
unsigned read_forget(struct span json, struct span project, struct clickhouse *, struct buf *body,
    struct clickhouse_error *e);

/*
 * Answers GET /report: mm-report's page of a period; of `query`, one of `period`
 * and `from` with `to` is needed, `tz` may stand beside it.  With 200 *type is
 * set to that of HTML.
 */
unsigned read_report(struct span query, struct span project, struct clickhouse *, struct buf *body,
    const char **type, struct clickhouse_error *e);

#endif
