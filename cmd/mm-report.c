/*
 * mm-report: a period of a project as one HTML page.
 */
#include <unistd.h>

#include "cmd/cli/face.h"
#include "base/lines.h"
#include "base/msg.h"
#include "cmd/cli/reading.h"
#include "show/page.h"

#include "base/banned.h"

/* A record holds a line of which each byte may be escaped. */
enum { RECORD_MAX = 64 * 1024 * 1024 };

struct job {
	struct reading reading;
	const char *title, *rejects;
};

/* ---- the rejects file ----------------------------------------------------- */

static bool
read_record(struct lines *lines, struct reject_counts *r)
{
	if (line_is_blank(lines->p, lines->n) || reject_count(r, lines->p, lines->n))
		return true;
	msg("%s:%llu: no record of a rejected line; --rejects takes the file that "
	    "'mm-validate --rejects' wrote",
	    lines->name, (unsigned long long)lines->number);
	return false;
}

static bool
read_records(struct lines *lines, struct reject_counts *r)
{
	for (;;) {
		switch (lines_next(lines)) {
		case LINES_END:
			return !face_stop;
		case LINES_LINE:
			if (!read_record(lines, r))
				return false;
			break;
		case LINES_LONG:
			msg("%s:%llu: longer than any record of a rejected line", lines->name,
			    (unsigned long long)lines->number);
			return false;
		case LINES_IDLE:
			break;
		case LINES_ERROR:
			msg_errno(lines->error, "%s", lines->name);
			return false;
		}
	}
}

static bool
read_rejects(const char *name, struct reject_counts *r)
{
	char *file = (char *)name;
	struct lines lines;
	bool good;

	if (!lines_init(&lines, &file, 1, RECORD_MAX, NULL, &face_stop)) {
		msg("out of memory");
		return false;
	}
	good = read_records(&lines, r);
	lines_release(&lines);
	return good;
}

/* ---- the page ------------------------------------------------------------- */

/* Nothing is written before all of it is known. */
static int
print(const struct buf *text)
{
	struct out out;
	int status;

	out_init(&out, STDOUT_FILENO, &face_stop);
	if (text->failed)
		out.error = ENOMEM;
	else
		out_write(&out, text->p, text->n);
	status = reading_end_output(&out);
	out_release(&out);
	return status;
}

static int
ask(struct job *j, const struct period *period, struct page *page, struct buf *text)
{
	struct clickhouse *clickhouse = store_open(&j->reading.store, &face_stop);
	struct overview overview;
	struct clickhouse_error e;
	int status = STATUS_OK;

	if (!clickhouse)
		return STATUS_ERROR;
	page->overview = &overview;
	if (overview_ask(&overview, clickhouse, page->project, period, page->made, &e))
		page_add(text, page);
	else
		status = reading_complain(&e, period->zone);
	clickhouse_close(clickhouse);
	overview_release(&overview);
	return status;
}

static int
ask_and_print(struct job *j, const struct period *period, struct page *page)
{
	struct buf text = BUF_INIT;
	int status = STATUS_OK;

	if (j->reading.explain)
		overview_explain(&text, page->project, period);
	else
		status = ask(j, period, page, &text);
	if (status == STATUS_OK && !face_stop)
		status = print(&text);
	buf_release(&text);
	return status;
}

static bool
has_title(const struct job *j)
{
	if (j->title[strspn(j->title, " ")])
		return true;
	msg("--title: expected a text, which is the heading of the page");
	return false;
}

static int
run(struct job *j)
{
	struct reject_counts rejected = { 0 };
	struct page page = { .title = span_of(j->title), .made = timestamp_now() };
	struct period_text text = { .from = { NULL, 0 } };
	struct period period = { .zone = NULL };
	struct refusal e;
	int status = STATUS_ERROR;

	if (!has_title(j) || !reading_period(&j->reading, &text, &page.project))
		return STATUS_ERROR;
	page.rejected = j->rejects ? &rejected : NULL;
	if (!question_period(&period, &text, page.made, &e))
		status = reading_refused(&j->reading, &e);
	else if (!j->rejects || read_rejects(j->rejects, &rejected))
		status = ask_and_print(j, &period, &page);
	period_release(&period);
	reject_counts_release(&rejected);
	return status;
}

int
main(int argc, char **argv)
{
	struct job j = { .title = "Analytics report" };
	const struct opt options[] = {
		STORE_OPT_DATABASE(j.reading.store),
		READING_OPT_EXPLAIN(j.reading),
		READING_OPT_FROM(j.reading),
		STORE_OPT_PASSWORD_FILE(j.reading.store),
		READING_OPT_PERIOD(j.reading),
		READING_OPT_PROJECT(j.reading),
		{ 0, "rejects", OPT_STRING, "FILE",
		    "tell what was rejected: a file of mm-validate --rejects", &j.rejects, 0, 0 },
		{ 0, "title", OPT_STRING, "TEXT", "title of the page (default Analytics report)",
		    &j.title, 0, 0 },
		READING_OPT_TO(j.reading),
		READING_OPT_TZ(j.reading),
		STORE_OPT_URL(j.reading.store),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-report",
		.summary = "A period of a project as one HTML page",
		.synopsis = "{--from TIME [--to TIME] | --period PERIOD} [OPTION]... > FILE",
		.example = "mm-report --from today-7d --to today > week.html",
		.options = options,
	};
	size_t operands;
	int status;

	reading_init(&j.reading);
	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	face_catch_signals();
	return face_end(run(&j));
}
