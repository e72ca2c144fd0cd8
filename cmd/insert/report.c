#include "cmd/insert/report.h"

#include <string.h>

#include "base/msg.h"
#include "cmd/cli/sending.h"
#include "cmd/cli/shell.h"

#include "base/banned.h"

/* A command that reaches the same ClickHouse; what it does is added by the caller. */
static void
add_command(const struct insert_job *j, struct buf *b)
{
	buf_adds(b, "mm-insert");
	shell_option(b, "cacert", j->store.cacert);
	shell_option(b, "password-file", j->store.password_file);
	shell_option(b, "url", j->store.url);
}

static void
add_drain(const struct insert_job *j, struct buf *b)
{
	add_command(j, b);
	shell_option(b, "drain", j->spool.dir);
}

/* The end of an input is of one table: a file that is named says not which. */
static void
add_cut(const struct insert_job *j, struct buf *b)
{
	add_command(j, b);
	shell_option(b, "database", j->store.database);
	shell_option(b, "spool", j->spool_dir);
	shell_option(b, "table", strcmp(j->table, "events") ? j->table : NULL);
	buf_addc(b, ' ');
	shell_word(b, j->spool.path);
	buf_addf(b, "/%s-*.cut.ndjson", j->spool.run);
}

/* Rows that are cut are kept by files of their own: not for --drain. */
static void
report_kept(const struct insert_job *j)
{
	const struct insert_counts *c = &j->counts;
	struct buf b = BUF_INIT;

	if (c->lost)
		msg_errno(c->spool_error,
		    "%s: %llu rows that were read are neither stored nor kept: give this input "
		    "again",
		    j->spool.path, (unsigned long long)c->lost);
	else if (c->spool_error)
		msg_errno(c->spool_error, "%s: what waits here can't be handled", j->spool.path);
	if (c->kept) {
		add_drain(j, &b);
		msg("%llu rows are not stored but kept; this sends them: %.*s",
		    (unsigned long long)c->kept, (int)b.n, b.p ? b.p : "");
	}
	if (c->cut) {
		buf_reset(&b);
		add_cut(j, &b);
		msg("input ended in the middle of a batch, %llu rows of it are kept: send these, "
		    "or run all from the start, but not both: %.*s",
		    (unsigned long long)c->cut, (int)b.n, b.p ? b.p : "");
	}
	if (c->waiting && !c->kept && !j->in.quiet && (c->away || c->broken)) {
		buf_reset(&b);
		add_drain(j, &b);
		msg("%llu files of earlier runs wait in the spool; this sends them: %.*s",
		    (unsigned long long)c->waiting, (int)b.n, b.p ? b.p : "");
	}
	if (c->kept_in_place)
		msg("%llu rows are not stored; they stay in the files that they were read from",
		    (unsigned long long)c->kept_in_place);
	buf_release(&b);
}

static void
report_spool(const struct insert_job *j)
{
	const struct insert_counts *c = &j->counts;
	if (j->halted && !c->lost)
		msg("%s: holds --spool-max bytes: the rest of the input was not read",
		    j->spool.dir);
	if (j->dropped || j->unread)
		msg("stopped; the same command sends the rest, and nothing twice");
	if (c->set_aside && !j->in.quiet)
		msg("%llu files that ClickHouse refused are set aside in %s, each with its reason "
		    "beside it: repair and send them, or send them all again with --drain",
		    (unsigned long long)c->set_aside, j->spool.path);
	if (c->stuck)
		msg("%llu files stay in the spool that could not be sent",
		    (unsigned long long)c->stuck);
	if (j->drain_dir && c->locked && !j->in.quiet)
		msg("%llu files are being sent by another mm-insert",
		    (unsigned long long)c->locked);
}

static void
report_forgotten(const struct insert_job *j)
{
	unsigned long long n = j->counts.forgotten;

	if (n && !j->in.quiet && j->summary < 0)
		msg("%llu row%s of people who were forgotten %s not stored; see mm-forget(1)", n,
		    n == 1 ? "" : "s", n == 1 ? "was" : "were");
}

static void
report_rejects(const struct insert_job *j)
{
	uint64_t rejected = j->in.rejected, kept = rejected - j->in.unkept;
	uint64_t lines = j->in.passed + rejected - j->counts.refused;
	struct buf b = BUF_INIT;

	if (j->events)
		msg("these are events: pass them through mm-enrich (%llu of %llu lines)",
		    (unsigned long long)j->events, (unsigned long long)lines);
	if (!rejected || j->in.rejects.error || j->in.quiet || j->summary >= 0)
		return;
	buf_addf(&b, "%llu of %llu lines rejected", (unsigned long long)rejected,
	    (unsigned long long)(lines > rejected ? lines : rejected));
	if (kept == rejected)
		buf_addf(&b, "; %s holds them with the reasons", j->in.rejects_path);
	else if (kept)
		buf_addf(&b, "; %s holds the %llu of them that were rows, --rejects FILE keeps all",
		    j->in.rejects_path, (unsigned long long)kept);
	else if (rejected > INTAKE_EXPLAINED)
		buf_adds(&b, "; the first 10 are explained above, --rejects FILE keeps all");
	msg("%.*s", (int)b.n, b.p ? b.p : "");
	buf_release(&b);
}

static void
report_summary(const struct insert_job *j)
{
	const struct insert_counts *c = &j->counts;
	const struct sending_count counts[] = {
		{ "lines", "lines read", j->in.passed + j->in.rejected - c->refused },
		{ "stored", "rows stored", c->stored },
		{ "requests", "requests stored", c->requests },
		{ "native", "of them Native blocks", c->native },
		{ "retries", "requests sent again", c->retries },
		{ "rejected", "lines rejected", j->in.rejected },
		{ "forgotten", "rows of forgotten people not stored", c->forgotten },
		{ "kept", "rows kept unsent", c->kept + c->kept_in_place + c->cut },
		{ "drained", "rows stored from the spool", c->drained },
		{ "waiting", "files waiting in the spool", c->waiting },
		{ "connections", "connections", j->connections },
	};

	if (j->summary >= 0)
		sending_summary(counts, sizeof(counts) / sizeof(counts[0]), j->summary == 1);
}

int
insert_report(struct insert_job *j)
{
	const struct insert_counts *c = &j->counts;
	int status = intake_end(&j->in);

	report_kept(j);
	report_spool(j);
	report_rejects(j);
	report_forgotten(j);
	report_summary(j);
	if (c->lost || j->halted)
		return STATUS_IOERR;
	/* a pipeline that was put together wrongly */
	if (j->events && !j->in.passed)
		status = STATUS_ERROR;
	if (status == STATUS_ERROR || c->broken || c->spool_error)
		return STATUS_ERROR;
	if (c->kept || c->kept_in_place || c->cut || c->stuck || c->away)
		return STATUS_TEMPFAIL;
	return c->aside && status == STATUS_OK ? STATUS_REJECTED : status;
}
