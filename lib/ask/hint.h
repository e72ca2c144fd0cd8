/*
 * What to say when an answer is empty: what there is instead.
 */
#ifndef MM_HINT_H
#define MM_HINT_H

#include "ask/extent.h"

/*
 * Asks what the question's period has, and appends one sentence without its full
 * stop for people: that nothing is stored, or when; the event or the property of
 * the question that is not there, with the nearest name that is; else the events
 * of the period.  Names are scrubbed.  `answer_empty`: the answer has no row, or
 * nothing but zeros; else only a name that is missing is told.
 */
enum clickhouse_status hint_ask(struct clickhouse *, const struct question *, const struct extent *,
    bool answer_empty, struct buf *, struct clickhouse_error *);

#endif
