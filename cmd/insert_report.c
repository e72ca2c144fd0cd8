#include "insert_report.h"

#include <string.h>

#include "msg.h"

#include "banned.h"

/* Adds a word of a command line, quoted for the shell where it has to be. */
static void
add_word(struct buf *b, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-./:@%+=,";
	const char *p;

	if (*word && strspn(word, plain) == strlen(word)) {
		buf_adds(b, word);
		return;
	}
	buf_addc(b, '\'');
	for (p = word; *p; p++) {
		if (*p == '\'')
			buf_adds(b, "'\\'");
		buf_addc(b, *p);
	}
	buf_addc(b, '\'');
}

static void
add_option(struct buf *b, const char *name, const char *value)
{
	if (!value)
		return;
	buf_addf(b, " --%s ", name);
	add_word(b, value);
}

/* The command that sends again what this run has kept. */
static void
add_command(const struct insert_job *j, struct buf *b)
{
	buf_adds(b, "mm-insert");
	add_option(b, "database", j->store.database);
	if (j->max_bytes > INSERT_MAX_BYTES)
		buf_addf(b, " --max-bytes %llu", (unsigned long long)j->max_bytes);
	if (j->max_rows > INSERT_MAX_ROWS)
		buf_addf(b, " --max-rows %llu", (unsigned long long)j->max_rows);
	add_option(b, "password-file", j->store.password_file);
	add_option(b, "spool", j->spool_dir);
	add_option(b, "table", strcmp(j->table, "events") ? j->table : NULL);
	add_option(b, "url", j->store.url);
	buf_addc(b, ' ');
	add_word(b, j->spool.dir);
	buf_addf(b, "/%s-*.ndjson", j->spool.run);
}

static void
report_kept(const struct insert_job *j)
{
	const struct sink *s = &j->sink;
	struct buf b = BUF_INIT;

	if (s->lost)
		msg_errno(s->spool_error,
		    "%s: %llu rows that were read are neither stored nor kept", j->spool.dir,
		    (unsigned long long)s->lost);
	if (s->kept) {
		add_command(j, &b);
		msg("%llu rows are not stored but kept; this sends them: %.*s",
		    (unsigned long long)s->kept, (int)b.n, b.p ? b.p : "");
	}
	if (j->cut)
		msg("input ended in the middle of a batch: send what is kept, or run all "
		    "from the start, but not both");
	if (s->kept_in_place)
		msg("%llu rows are not stored; they stay in the files that they were read from",
		    (unsigned long long)s->kept_in_place);
	if (j->dropped)
		msg("stopped; the same command sends the rest, and nothing twice");
	buf_release(&b);
}

static void
report_rejects(const struct insert_job *j)
{
	uint64_t lines = j->in.passed + j->in.rejected - j->sink.refused;

	if (!j->in.rejected || j->in.quiet || j->summary >= 0)
		return;
	msg("%llu of %llu lines rejected; %s holds them with the reasons",
	    (unsigned long long)j->in.rejected, (unsigned long long)lines, j->in.rejects_path);
}

static void
report_summary(const struct insert_job *j)
{
	const struct sink *s = &j->sink;
	struct buf b = BUF_INIT;
	bool json = j->summary == 1;
	const struct {
		const char *key, *text;
		uint64_t value;
	} counts[] = {
		{ "lines", "lines read", j->in.passed + j->in.rejected - s->refused },
		{ "stored", "rows stored", s->stored },
		{ "requests", "requests stored", s->batches },
		{ "retries", "requests sent again", s->retries },
		{ "rejected", "lines rejected", j->in.rejected },
		{ "kept", "rows kept unsent", s->kept + s->kept_in_place },
	};
	size_t i;

	if (j->summary < 0)
		return;
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		unsigned long long v = (unsigned long long)counts[i].value;

		if (json)
			buf_addf(&b, "%s\"%s\":%llu", i ? "," : "{", counts[i].key, v);
		else
			buf_addf(&b, "%s%llu %s", i ? ", " : "", v, counts[i].text);
	}
	if (json) {
		buf_adds(&b, "}\n");
		msg_raw(b.p, b.n);
	} else {
		msg("%.*s", (int)b.n, b.p ? b.p : "");
	}
	buf_release(&b);
}

int
insert_report(struct insert_job *j)
{
	const struct sink *s = &j->sink;
	int status = intake_end(&j->in);

	report_kept(j);
	report_rejects(j);
	report_summary(j);
	if (status == STATUS_ERROR || s->lost || s->broken)
		return STATUS_ERROR;
	return s->kept || s->kept_in_place ? STATUS_TEMPFAIL : status;
}
