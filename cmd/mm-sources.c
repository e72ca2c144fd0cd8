/*
 * mm-sources: where the visitors of a period came from.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "face.h"
#include "json.h"
#include "msg.h"
#include "out.h"
#include "project.h"
#include "store.h"
#include "table.h"
#include "timestamp.h"

#include "banned.h"

enum format { NDJSON, TABLE, CSV };
enum breakdown { SOURCE_MEDIUM, SOURCE };

#define SELECT(keys)                                                             \
	"SELECT " keys ", count() AS events, uniq(anonymous_id) AS uniques, "    \
	"round(countIf(medium = 'paid') / count(), 4) AS paid_share FROM events" \
	" WHERE project_id = {project:UUID}"                                     \
	" AND timestamp >= {from:DateTime64(3, 'UTC')}"                          \
	" AND timestamp < {to:DateTime64(3, 'UTC')}"                             \
	" GROUP BY " keys " ORDER BY events DESC, " keys " LIMIT {limit:UInt32}"

static const char *const selects[] = { SELECT("source, medium"), SELECT("source") };

static const struct table_column columns[] = {
	{ "source", false },
	{ "medium", false },
	{ "events", true },
	{ "uniques", true },
	{ "paid_share", true },
};
static const struct table_column columns_of_source[] = {
	{ "source", false },
	{ "events", true },
	{ "uniques", true },
	{ "paid_share", true },
};

struct answer {
	struct out out;
	struct table table;
	struct buf cell, line;
	int format;
	bool garbled;
};

/* A day or an instant, as text for a DateTime64(3). */
static bool
parse_time(const char *option, const char *text, int64_t *ms)
{
	size_t n = text ? strlen(text) : 0;

	if (!text)
		msg("--%s is needed: a date such as 2026-01-31, or an RFC 3339 time", option);
	else if (!date_parse(text, n, ms) && !timestamp_parse(text, n, ms))
		msg("--%s: expected a date such as 2026-01-31, or an RFC 3339 time", option);
	else if (*ms < TIMESTAMP_MIN || *ms > TIMESTAMP_MAX)
		msg("--%s: expected a year from 1900 to 2299", option);
	else
		return true;
	return false;
}

static bool
parse_range(
    const char *from, const char *to, char from_text[TIMESTAMP_TEXT], char to_text[TIMESTAMP_TEXT])
{
	int64_t first, end;

	if (!parse_time("from", from, &first) || !parse_time("to", to, &end))
		return false;
	if (first >= end) {
		msg("--from has to be before --to, which is not part of the period");
		return false;
	}
	timestamp_format(from_text, first);
	timestamp_format(to_text, end);
	return true;
}

/* RFC 4180: quotes around text, with those inside doubled. */
static void
add_csv(struct buf *line, const char *p, size_t n, bool text)
{
	size_t i;

	if (line->n > 0)
		buf_addc(line, ',');
	if (!text) {
		buf_add(line, p, n);
		return;
	}
	buf_addc(line, '"');
	for (i = 0; i < n; i++) {
		if (p[i] == '"')
			buf_addc(line, '"');
		buf_addc(line, p[i]);
	}
	buf_addc(line, '"');
}

static void
write_line(struct answer *a)
{
	buf_addc(&a->line, '\n');
	if (a->line.failed)
		a->out.error = ENOMEM;
	else
		out_write(&a->out, a->line.p, a->line.n);
	buf_reset(&a->line);
}

static void
write_names(struct answer *a)
{
	size_t i;

	for (i = 0; i < a->table.n; i++)
		add_csv(
		    &a->line, a->table.columns[i].title, strlen(a->table.columns[i].title), true);
	write_line(a);
}

/* The members of a row stand in the order of the columns. */
static bool
add_row(struct answer *a, const char *p, size_t n)
{
	struct json_member m;
	struct json_scan scan;
	size_t cells = 0;

	if (json_open(&scan, p, n) != JSON_OBJECT)
		return false;
	while (json_next(&scan, &m)) {
		struct span s = m.value.raw;
		bool text = m.value.type == JSON_STRING;

		if (text) {
			char *w;

			buf_reset(&a->cell);
			w = buf_room(&a->cell, s.n);
			if (!w)
				return false;
			s = (struct span){ w, json_unescape(s, w) };
		}
		if (a->format == TABLE)
			table_add(&a->table, s.p, s.n);
		else
			add_csv(&a->line, s.p, s.n, text);
		cells++;
	}
	if (a->format == CSV)
		write_line(a);
	return scan.reason == JSON_OK && cells == a->table.n;
}

static bool
on_row(void *context, const char *p, size_t n)
{
	struct answer *a = context;

	if (a->format != NDJSON) {
		a->garbled = !add_row(a, p, n);
		return !a->garbled && a->out.error == 0;
	}
	out_write(&a->out, p, n);
	out_write(&a->out, "\n", 1);
	return a->out.error == 0;
}

static int
end_output(struct answer *a)
{
	if (a->garbled) {
		msg("ClickHouse answers with something that is no row");
		return STATUS_ERROR;
	}
	if (a->format == TABLE && !table_print(&a->table, &a->out.b)) {
		msg("out of memory");
		return STATUS_ERROR;
	}
	out_flush(&a->out);
	if (a->out.error && a->out.error != EPIPE) {
		msg_errno(a->out.error, "standard output");
		return STATUS_ERROR;
	}
	return STATUS_OK;
}

static int
run(struct store *store, int breakdown, struct answer *a, const struct clickhouse_param *params)
{
	static const struct clickhouse_setting settings[] = {
		{ "output_format_json_quote_64bit_integers", "0" },
		{ "output_format_json_validate_utf8", "1" },
		{ NULL, NULL },
	};
	struct clickhouse *clickhouse = store_open(store, &face_stop);
	struct clickhouse_error e;
	struct buf sql = BUF_INIT;
	int status;

	if (!clickhouse)
		return STATUS_ERROR;
	/* also for CSV: there a value with a newline in it could pass for an exception */
	buf_addf(&sql, "%s FORMAT JSONEachRow", selects[breakdown]);
	buf_addc(&sql, '\0');
	if (sql.failed) {
		msg("out of memory");
		status = STATUS_ERROR;
	} else if (clickhouse_select(clickhouse, sql.p, params, settings, on_row, a, &e) ==
	    CLICKHOUSE_OK) {
		status = end_output(a);
	} else {
		status = store_complain(&e);
	}
	buf_release(&sql);
	clickhouse_close(clickhouse);
	return status;
}

int
main(int argc, char **argv)
{
	struct store store = { 0 };
	const char *from = NULL, *to = NULL, *project = NULL;
	int breakdown = SOURCE_MEDIUM;
	uint64_t limit = 50;
	struct answer a = { .format = NDJSON };
	const struct opt options[] = {
		{ 0, "breakdown", OPT_CHOICE, "source_medium|source",
		    "what a row stands for (default source_medium)", &breakdown, 0, 0 },
		STORE_OPT_DATABASE(store),
		{ 0, "format", OPT_CHOICE, "ndjson|table|csv", "of the output (default ndjson)",
		    &a.format, 0, 0 },
		{ 0, "from", OPT_STRING, "TIME", "first instant: a date, or RFC 3339 (required)",
		    &from, 0, 0 },
		{ 0, "limit", OPT_NUMBER, "N", "print at most N rows (default 50)", &limit, 1,
		    200 },
		STORE_OPT_PASSWORD_FILE(store),
		PROJECT_OPTION(project),
		{ 0, "to", OPT_STRING, "TIME", "first instant after the period (required)", &to, 0,
		    0 },
		STORE_OPT_URL(store),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-sources",
		.summary = "Where the visitors of a period came from",
		.synopsis = "--from TIME --to TIME [OPTION]...",
		.example = "mm-sources --from 2026-01-01 --to 2026-02-01 --format table",
		.options = options,
	};
	char from_text[TIMESTAMP_TEXT], to_text[TIMESTAMP_TEXT], limit_text[24];
	struct clickhouse_param params[] = {
		{ "project", { NULL, 0 } },
		{ "from", { from_text, TIMESTAMP_TEXT } },
		{ "to", { to_text, TIMESTAMP_TEXT } },
		{ "limit", { limit_text, 0 } },
		{ NULL, { NULL, 0 } },
	};
	size_t operands;
	int status;

	if (!face_begin(&command, argc, argv, &operands, &status))
		return status;
	if (!parse_range(from, to, from_text, to_text) || !project_id(project, &params[0].value))
		return STATUS_ERROR;
	params[3].value.n =
	    (size_t)snprintf(limit_text, sizeof(limit_text), "%llu", (unsigned long long)limit);
	face_catch_signals();
	if (breakdown == SOURCE)
		table_init(&a.table, columns_of_source, 4);
	else
		table_init(&a.table, columns, 5);
	out_init(&a.out, STDOUT_FILENO, &face_stop);
	if (a.format == CSV)
		write_names(&a);
	status = run(&store, breakdown, &a, params);
	out_release(&a.out);
	table_release(&a.table);
	buf_release(&a.cell);
	buf_release(&a.line);
	return face_end(status);
}
