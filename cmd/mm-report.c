/*
 * mm-report: a period of a project as one HTML page.
 */
#include <unistd.h>

#include "cmd/cli/face.h"
#include "base/msg.h"
#include "cmd/cli/reading.h"
#include "cmd/report/goals.h"
#include "cmd/report/mail.h"
#include "cmd/report/rejects.h"
#include "show/page.h"

#include "base/banned.h"

struct job {
	struct reading reading;
	const char *title, *rejects;
	struct goals goals;
	struct mailing mail;
};

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
ask(struct job *j, const struct period *period, struct report *page, struct buf *text)
{
	struct clickhouse *clickhouse = store_open(&j->reading.store, &face_stop);
	struct overview overview;
	struct clickhouse_error e;
	int status = STATUS_OK;

	if (!clickhouse)
		return STATUS_ERROR;
	page->overview = &overview;
	if (overview_ask(&overview, clickhouse, page->project, period, page->made, &e) &&
	    overview_ask_goals(&overview, clickhouse, j->goals.v, j->goals.n, &e)) {
		j->mail.to.n > 0 ? mailing_add(text, &j->mail, page) : page_add(text, page);
		goals_tell(&overview);
	} else
		status = reading_complain(&e, period->zone);
	clickhouse_close(clickhouse);
	overview_release(&overview);
	return status;
}

static int
ask_and_print(struct job *j, const struct period *period, struct report *page)
{
	struct buf text = BUF_INIT;
	int status = STATUS_OK;

	if (j->reading.explain)
		overview_explain(&text, page->project, period, j->goals.v, j->goals.n);
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
run(struct job *j, const struct opt_list *goals)
{
	struct reject_counts rejected = { 0 };
	struct report page = {
		.title = span_of(j->title), .made = timestamp_now(), .goals = j->goals.v
	};
	struct period_text text = { .from = { NULL, 0 } };
	struct period period = { .zone = NULL };
	struct refusal e;
	int status = STATUS_ERROR;

	if (!has_title(j) || !mailing_check(&j->mail) ||
	    !reading_period(&j->reading, &text, &page.project))
		return STATUS_ERROR;
	page.rejected = j->rejects ? &rejected : NULL;
	if (!goals_read(&j->goals, goals, &e) || !question_period(&period, &text, page.made, &e))
		status = reading_refused(&j->reading, &e);
	else if (!j->rejects || rejects_read(j->rejects, &rejected))
		status = ask_and_print(j, &period, &page);
	period_release(&period);
	reject_counts_release(&rejected);
	return status;
}

int
main(int argc, char **argv)
{
	static struct job j = { /* its lists belong to the process */
		.title = "Analytics report"
	};
	static struct opt_list goals;
	const struct opt options[] = {
		READING_OPT_FROM(j.reading),
		READING_OPT_TO(j.reading),
		READING_OPT_PERIOD(j.reading),
		READING_OPT_TZ(j.reading),
		{ 0, "goal", OPT_LIST, "EVENT[,PROPERTY=VALUE]...",
		    "count these events; repeatable", &goals, 0, 0 },
		{ 0, "value", OPT_LIST, "PROPERTY", "add up this property of the --goal before it",
		    &goals, 0, 0 },
		{ 0, "currency", OPT_LIST, "PROPERTY",
		    "the property that names the currency of --value", &goals, 0, 0 },
		{ 0, "mail", OPT_LIST, "ADDRESS",
		    "print a mail to this address for sendmail -t; repeatable", &j.mail.to, 0, 0 },
		{ 0, "mail-from", OPT_STRING, "ADDRESS", "sender of the mail", &j.mail.from, 0, 0 },
		{ 0, "title", OPT_STRING, "TEXT", "title of the page (default Analytics report)",
		    &j.title, 0, 0 },
		{ 0, "rejects", OPT_STRING, "FILE", "count the rejected lines in FILE", &j.rejects,
		    0, 0 },
		READING_OPT_PROJECT(j.reading),
		STORE_OPT_URL(j.reading.store),
		STORE_OPT_DATABASE(j.reading.store),
		STORE_OPT_PASSWORD_FILE(j.reading.store),
		READING_OPT_EXPLAIN(j.reading),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-report",
		.summary = "Write a report as an HTML page or a mail",
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
	return face_end(run(&j, &goals));
}
