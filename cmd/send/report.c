#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/msg.h"
#include "cmd/cli/sending.h"
#include "cmd/cli/shell.h"
#include "cmd/send/job.h"

#include "base/banned.h"

static const char *
s_of(unsigned long long n)
{
	return n == 1 ? "" : "s";
}

/* The command that sends what waits in the spool. */
static void
add_drain(const struct send_job *j, struct buf *b)
{
	buf_adds(b, "mm-send");
	if (j->allow_http)
		buf_adds(b, " --allow-http");
	shell_option(b, "cacert", j->cacert);
	shell_option(b, "key-file", j->key_file);
	shell_option(b, "api", j->url);
	shell_option(b, "drain", j->spool.dir);
}

static void
report_kept(const struct send_job *j)
{
	const struct delivery *d = &j->delivery;
	unsigned long long kept = d->kept, waiting = j->spool.waiting;
	int error = d->spool_error ? d->spool_error : j->spool.error;
	struct buf b = BUF_INIT;

	if (d->lost)
		msg_errno(error,
		    "%s: %llu events that were read are neither sent nor kept: give this input "
		    "again",
		    j->spool.path, (unsigned long long)d->lost);
	else if (error)
		msg_errno(error, "%s: what waits here can't be handled", j->spool.path);
	add_drain(j, &b);
	if (kept)
		msg("%llu event%s not sent but kept in %s; this sends them: %.*s", kept,
		    kept == 1 ? " is" : "s are", j->spool.path, (int)b.n, b.p ? b.p : "");
	else if (waiting && !j->in.quiet && (d->state != DELIVERY_READY || d->broken))
		msg("%llu file%s of earlier runs wait%s in %s; this sends them: %.*s", waiting,
		    s_of(waiting), waiting == 1 ? "s" : "", j->spool.path, (int)b.n,
		    b.p ? b.p : "");
	buf_release(&b);
}

static void
report_end(const struct send_job *j)
{
	const struct delivery *d = &j->delivery;

	if (j->halted && !d->lost)
		msg("%s: holds --spool-max bytes: the rest of the input was not read",
		    j->spool.dir);
	if ((j->refused || face_stop) && j->regular)
		msg("the rest of the input was not read; the same command sends it, and nothing "
		    "twice");
	if (j->spool.refused && !j->in.quiet)
		msg("%llu files that the server refused are set aside in %s, each with its reason "
		    "beside it: repair and send them, or send them all again with --drain",
		    (unsigned long long)j->spool.refused, j->spool.path);
	if (d->stuck || j->spool.too_long)
		msg("%llu files stay in the spool that could not be sent",
		    (unsigned long long)(d->stuck + j->spool.too_long));
	if (j->drain_dir && j->spool.locked && !j->in.quiet)
		msg("%llu files are being sent by another mm-send",
		    (unsigned long long)j->spool.locked);
	if (j->stripped && !j->in.quiet)
		msg("%llu event%s sent without ip, user_agent, host, received_at or project_id, which "
		    "servers take from the request alone; 'mm-enrich | mm-insert' stores what comes "
		    "of them",
		    (unsigned long long)j->stripped, j->stripped == 1 ? " was" : "s were");
	if (j->known && !j->in.quiet)
		msg("%llu event%s sent or kept by an earlier run of this input, which did not end "
		    "well, and not sent again",
		    (unsigned long long)j->known, j->known == 1 ? " was" : "s were");
	if (j->timeless && d->kept && !j->in.quiet)
		msg("do not give this input again: %llu of its events have neither event_id nor "
		    "timestamp, and would be other events then",
		    (unsigned long long)j->timeless);
}

static void
report_rejects(const struct send_job *j)
{
	unsigned long long n = j->in.rejected, lines = j->in.passed + n - j->delivery.refused;

	if (!n || j->in.rejects.error || j->in.quiet || j->summary >= 0)
		return;
	msg("%llu of %llu lines rejected%s", n, lines > n ? lines : n,
	    j->in.rejects_path || n <= INTAKE_EXPLAINED
		? ""
		: "; the first 10 are explained above, --rejects FILE keeps all");
}

static void
report_summary(const struct send_job *j)
{
	const struct delivery *d = &j->delivery;
	const struct sending_count counts[] = {
		{ "lines", "lines read", j->in.passed + j->in.rejected - d->refused },
		{ "sent", "events sent", d->stored },
		{ "requests", "batches", d->requests },
		{ "retries", "sent again", d->retries },
		{ "limited", "answered to wait (HTTP 429)", j->office.limited },
		{ "rejected", "lines rejected", j->in.rejected },
		{ "ids_given", "event_ids given", j->given },
		{ "known", "sent by an earlier run", j->known },
		{ "kept", "events kept unsent", d->kept },
		{ "drained", "events sent from the spool", d->drained },
		{ "waiting", "files waiting in the spool", j->spool.waiting },
	};

	if (j->summary >= 0)
		sending_summary(counts, sizeof(counts) / sizeof(counts[0]), j->summary == 1);
}

/* ---- what waits for others -------------------------------------------------- */

static uint64_t
count_waiting(int at, const char *folder)
{
	static const char suffix[] = ".ndjson";
	int fd = openat(at, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;
	uint64_t n = 0;

	if (!d && fd >= 0)
		close(fd);
	while (d && (e = readdir(d))) {
		size_t k = strlen(e->d_name);

		n += k > sizeof(suffix) && strcmp(e->d_name + k + 1 - sizeof(suffix), suffix) == 0;
	}
	if (d)
		closedir(d);
	return n;
}

/* --drain sends what is for one server and key, and says what is for others. */
static void
report_others(const struct send_job *j)
{
	DIR *d = j->drain_dir && !j->in.quiet ? opendir(j->drain_dir) : NULL;
	struct dirent *e;
	uint64_t n;

	while (d && (e = readdir(d))) {
		if (strncmp(e->d_name, "send.", 5) != 0 || strcmp(e->d_name, j->target.folder) == 0)
			continue;
		n = count_waiting(dirfd(d), e->d_name);
		if (n > 0)
			msg("%s/%s: %llu file%s wait%s here for another server or key",
			    j->spool.dir, e->d_name, (unsigned long long)n, s_of(n),
			    n == 1 ? "s" : "");
	}
	if (d)
		closedir(d);
}

/* Whether all of the input is seen to, so that nobody has to run it again. */
static bool
is_seen_to(const struct send_job *j, int status)
{
	bool whole = !face_stop && !j->halted && !j->refused && !j->in.failed &&
	    !j->in.rejects.error && !j->delivery.lost;

	/* what is kept may be given again; but not as the same, where it has no time */
	return whole && (status == STATUS_OK || status == STATUS_REJECTED || j->timeless);
}

static int
tell(struct send_job *j)
{
	const struct delivery *d = &j->delivery;
	int status = intake_end(&j->in);

	report_kept(j);
	report_end(j);
	report_others(j);
	report_rejects(j);
	report_summary(j);
	if (d->lost || j->halted)
		return STATUS_IOERR;
	if (status == STATUS_ERROR || d->broken || d->spool_error || j->spool.error)
		return STATUS_ERROR;
	if (d->kept || d->stuck || j->spool.too_long || d->state == DELIVERY_AWAY)
		return STATUS_TEMPFAIL;
	return d->aside && status == STATUS_OK ? STATUS_REJECTED : status;
}

int
send_report(struct send_job *j)
{
	int status = tell(j);

	j->ended = is_seen_to(j, status);
	return status;
}
