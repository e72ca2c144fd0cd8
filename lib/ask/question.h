/*
 * A question to ClickHouse: SQL, the values that are bound to it, what its
 * rows hold, and which table it reads and why.
 *
 * Made by ask.h for the questions of the API; others build theirs with
 * question_begin, question_add_param and question_add_column.  No value of a
 * user is ever part of the SQL.
 */
#ifndef MM_QUESTION_H
#define MM_QUESTION_H

#include "clickhouse/clickhouse.h"
#include "ask/period.h"

/*
 * Why a question can't be asked, in the API's terms: its error code, the
 * parameter at fault by its name there, and what was expected.
 */
#define REFUSAL_INVALID_PARAMS "invalid_params"
#define REFUSAL_INVALID_GROUP_BY "invalid_group_by"
#define REFUSAL_INTERNAL "internal_error" /* memory was out */

struct refusal {
	const char *code;      /* one of the above */
	const char *parameter; /* "group_by"; NULL: none in particular */
	char text[400];        /* "expected one of a, b", without the parameter's name */
};

/* Fills it, with printf's rules for the text; returns false. */
bool refuse(struct refusal *, const char *code, const char *parameter, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The texts of a period: time_words.h's words; p NULL: not given. */
struct period_text {
	struct span from, to; /* both required, unless there is a period */
	struct span tz;       /* not given: UTC */
	struct span period;   /* in place of from and to */
};

/*
 * Reads the texts by the clock `now`, in ms.  Returns false with the error
 * filled, about "from", "to", "period" or "tz".  period_release in both cases.
 */
bool question_period(struct period *, const struct period_text *, int64_t now, struct refusal *);

enum {
	QUESTION_COLUMNS_MAX = 40,
	QUESTION_PARAMS_MAX = 256,
	QUESTION_NAME_MAX = 8,
	QUESTION_NUMBERS_MAX = 4,
	QUESTION_ASKED_MAX = 16,
	QUESTION_KEYS_MAX = 8,  /* columns that a user has named */
	QUESTION_KEY_MAX = 256, /* bytes of their names */
	QUESTION_TITLES_MAX = 10,
	QUESTION_TITLE_MAX = 32, /* bytes of a title that a user gave */
};

/* What a column is in a chart. */
enum column_role {
	COLUMN_BUCKET, /* the interval's name, period.h */
	COLUMN_KEY,    /* what the rows are grouped by */
	COLUMN_VALUE,  /* the number to draw */
	COLUMN_TIME,   /* in no chart but a triangle; never cut in a table */
	COLUMN_BESIDE, /* beside the number to draw */
	COLUMN_LATER,  /* how many of the value came later: a cell of a triangle */
	COLUMN_MORE,   /* in a table, but not in a chart */
	COLUMN_HIDDEN, /* not even in a table for people, which would be too wide */
};

/* How people want to see it. */
enum question_kind {
	KIND_TEXT,
	KIND_NUMBER,
	KIND_SHARE,   /* of 1: in percent */
	KIND_SECONDS, /* as a span */
	KIND_MEAN,    /* a number, but none where nothing is */
	KIND_CHANGE,  /* of 1: in percent with a sign */
};

struct question_column {
	const char *name;  /* the key in a row; a constant, or a user's */
	const char *alias; /* in the SQL; a constant */
	const char *title; /* in a table for people */
	enum column_role role;
	enum question_kind kind;
};

/* sql.failed: memory was out, or there is more of something than there is room for. */
struct question {
	struct buf sql; /* without FORMAT; parameters as {name:Type} */
	struct clickhouse_param params[QUESTION_PARAMS_MAX + 1]; /* ends with a NULL name */
	size_t param_count;
	char names[QUESTION_PARAMS_MAX][QUESTION_NAME_MAX]; /* of those without one of their own */
	struct question_column columns[QUESTION_COLUMNS_MAX]; /* of a row, in its order */
	size_t column_count;
	const char *table;  /* "events" or "daily_rollup" */
	char why[128];      /* it is read from that table */
	const char *object; /* the API's answer up to its rows: {"rows":[ */
	struct period period;
	enum interval interval;
	/* what it is about, for hint.h; more than there is room for is left out */
	struct span project;
	struct span asked[QUESTION_ASKED_MAX], property[QUESTION_ASKED_MAX];
	size_t asked_count, property_count;
	uint64_t limit; /* rows that are handed out; 0: all */
	bool stream;    /* rows come as they are found: for answers of any size */
	bool cut;       /* set by question_select: there were more */
	/* texts of bound values, for whose sake the struct is not copied once built */
	char from[TIMESTAMP_TEXT], to[TIMESTAMP_TEXT], end[TIMESTAMP_TEXT], today[DATE_TEXT];
	char number[QUESTION_NUMBERS_MAX][24];
	size_t numbers;
	char key[QUESTION_KEYS_MAX][QUESTION_KEY_MAX + 1];
	size_t keys;
	char title[QUESTION_TITLES_MAX][QUESTION_TITLE_MAX + 1];
	size_t titles;
	bool half; /* it becomes part of another: without its limit */
	/* compare.h's: buckets are later by so many ms, days or months */
	int64_t shift;
	/* of both: the other period, without zone, and whether its last intervals are left out */
	bool compares, other_cut;
	struct period other;
	const char *other_table;
	char whole[2], unpaired[24], other_from[TIMESTAMP_TEXT], other_to[TIMESTAMP_TEXT];
};

/*
 * An empty question about a period, which becomes the question's: also where
 * the period could not be resolved, question_release has to be called.
 */
void question_begin(struct question *, struct period period);
void question_release(struct question *);

/*
 * Binds a value to {name:Type}.  The name is a constant; the value is not
 * copied: it has to live until the question was asked.
 */
void question_add_param(struct question *, const char *name, struct span value);

/*
 * Binds a value that has no name of its own; the answer is its index.  The
 * value is not copied.
 */
size_t question_bind(struct question *, struct span value);

/*
 * Adds the SQL of another question, whose values are bound here: texts of its own, which
 * its times are, are copied.  For one whose times are different, and for those
 * whose period is bound here already.
 */
void question_add_part(struct question *, const struct question *other);

/* Adds {pN:Type} for the value of that index to the SQL; the type is a constant. */
void question_add_bound(struct question *, const char *type, size_t index);

/* Both in one. */
void question_add_value(struct question *, const char *type, struct span value);

/* Binds a number to {name:UInt64}; at most QUESTION_NUMBERS_MAX of them. */
void question_add_number(struct question *, const char *name, uint64_t number);

/*
 * Ends the SQL with LIMIT: at most so many rows are handed out.  One more is asked
 * for, so that question_select can tell whether there are more (`cut`).
 */
void question_add_limit(struct question *, uint64_t limit);

/* Notes that it asks for events of this name, or for this property of them (its first key). */
void question_note_event(struct question *, struct span name);
void question_note_property(struct question *, struct span key);

/* Binds {project:UUID}, {from:DateTime64(3,'UTC')} and {to:..}; `project` is the text of a UUID. */
void question_bind_period(struct question *, struct span project);

/* Binds {start:DateTime64(3,'UTC')}, an instant in ms from before the period. */
void question_bind_start(struct question *, int64_t ms);

/*
 * Adds "project_id = {project:UUID} AND timestamp >= {from:..} AND timestamp
 * < {to:..}" and binds the three; `project` is the text of a UUID.
 */
void question_add_period(struct question *, struct span project);

/* The same for daily_rollup, whose column is `day`. */
void question_add_days(struct question *, struct span project);

/*
 * The period's zone as SQL: 'UTC', or {tz:String}, which is bound, once however often
 * it is called.
 */
const char *question_bind_zone(struct question *);

/*
 * Adds the day of `timestamp` in that zone, the Monday of its week, or the first
 * of its month: a Date32, for any time that is stored.  ClickHouse's own toMonday
 * and toStartOfHour are right from 1970 to 2149 only, unless a setting is changed.
 */
void question_add_day(struct question *, const char *zone);
void question_add_monday(struct question *, const char *zone);
void question_add_first(struct question *, const char *zone);

/* The next column of the rows, a constant. */
void question_add_column(
    struct question *, const char *name, enum column_role role, enum question_kind kind);

/*
 * The next column, a COLUMN_KEY that has this name in the rows, and that of `alias`, a
 * constant, in the SQL, where no text of a user stands.  At most QUESTION_KEYS_MAX of them.
 */
void question_add_key(struct question *, struct span name, const char *alias);

/*
 * Whether a column can have that name: UTF-8 of at most QUESTION_KEY_MAX bytes, of which
 * a terminal needs nothing to be made visible.
 */
bool question_can_name(struct span name);

/* Has tables for people call the last column something else; a constant. */
void question_set_title(struct question *, const char *title);

/*
 * The same with a text of a user, of which the first QUESTION_TITLE_MAX bytes are shown; one
 * that question_can_name refuses changes nothing.  At most QUESTION_TITLES_MAX of them.
 */
void question_title_as(struct question *, struct span title);

/*
 * The question as statements that clickhouse-client runs as they stand: the values by
 * SET param_NAME, each on a line of its own and without control characters, then the
 * SQL, which holds none of them.
 */
void question_explain(const struct question *, struct buf *);

/*
 * Asks: each row, a JSON object without '\n' whose members stand in the order
 * of the columns, goes to `row`, as clickhouse_select does it.  Whatever the
 * user's settings are, none of which is changed: texts are valid UTF-8, "/" is
 * not escaped, and numbers of columns that are no text are not quoted.
 */
enum clickhouse_status question_select(struct clickhouse *, struct question *, clickhouse_row *row,
    void *context, struct clickhouse_error *);

#endif
