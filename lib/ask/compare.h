/*
 * The same question about two periods: each row of the first gets "previous", what its
 * value was in the other one, and "change", by how much it differs from that.
 *
 * Both are asked in one statement.  Groups that were in the other period alone are
 * there as well, with 0.  Intervals stand beside one another by their position: the third
 * day of one beside the third day of the other; what the other one has beyond the last
 * is left out, and where it has none, previous is null.
 *
 * A period that is not whole is not compared: see compare_check.
 */
#ifndef MM_COMPARE_H
#define MM_COMPARE_H

#include "ask/question.h"

/* What can be asked for. */
#define COMPARE_PREVIOUS "previous"

/* Builds a question, which has been begun, about its period; false with the error filled. */
typedef bool compare_build(const void *what, struct question *, struct refusal *);

/*
 * Builds the question of the period alone (text.p NULL), or of two: `text` is
 * "previous", for period_previous, or a period as time_words_period has it, by the
 * clock `now`.  The rows of the question are keys and numbers, one of them a
 * COLUMN_VALUE; `order` is what they are ordered by before the value, a constant, or
 * NULL.  The question has been begun.  Returns false with the error filled.
 */
bool compare_question(struct question *, struct span text, int64_t now, compare_build *build,
    const void *what, const char *order, struct refusal *);

/*
 * To be called before a question is asked; does nothing to one that compares nothing.
 * Where one of the periods is there in part only, previous and change will be
 * null, and `why` gets a sentence about that, without its full stop; so it does where
 * intervals of the other one are left out.
 */
enum clickhouse_status compare_check(struct clickhouse *, struct question *, int64_t now,
    struct buf *why, struct clickhouse_error *);

#endif
