#include "cmd/hash-ip/job.h"

#include <sodium.h>
#include <stdlib.h>

#include "base/msg.h"
#include "base/timestamp.h"

#include "base/banned.h"

struct hash_worker {
	const struct hash_job *job;
	struct iphash iphash;
	struct addresses addresses;
	struct anonymiser anonymiser;
	struct buf line;
	uint64_t unchanged;
};

/* ---- the options ------------------------------------------------------- */

static bool
misused(const struct hash_job *j)
{
	const char *wrong = NULL;

	if (j->plain && j->text)
		wrong = "--plain and --text: a line is one or the other";
	else if ((j->plain || j->text) && (j->keys.n > 0 || j->date_key))
		wrong = "--key and --date-key are for JSON: not with --plain or --text";
	else if (j->check && (j->date || j->date_key))
		wrong = "--check hashes nothing: it takes no date";
	else if (j->check && j->keys.n > 0)
		wrong = "--check looks at all keys: it takes no --key";
	else if (j->plain && !j->date && !j->key_id && !j->check)
		wrong = "--plain needs --date, as the lines have none: a day such as 2026-05-16, "
			"or today";
	if (wrong)
		msg("%s", wrong);
	return wrong != NULL;
}

static bool
read_date(struct hash_job *j)
{
	if (!j->date)
		return true;
	j->has_date = true;
	if (strcmp(j->date, "today") == 0) {
		j->today = true;
		return true;
	}
	if (date_parse(j->date, strlen(j->date), &j->day) && j->day >= TIMESTAMP_MIN &&
	    j->day <= TIMESTAMP_MAX)
		return true;
	msg("--date: expected a day such as 2026-05-16, or today");
	return false;
}

static bool
read_keys(struct hash_job *j)
{
	size_t i;

	j->paths = calloc(j->keys.n + 1, sizeof(*j->paths));
	if (!j->paths) {
		msg("out of memory");
		return false;
	}
	for (i = 0; i < j->keys.n; i++) {
		j->paths[i] = span_of(j->keys.v[i]);
		if (j->paths[i].n == 0) {
			msg("--key: expected a key such as remote_addr or context.ip");
			return false;
		}
	}
	return true;
}

/* A fingerprint that tells salts apart and gives nothing of them away. */
static int
print_key_id(const struct salt *salt)
{
	static const unsigned char purpose[] = "millimetric key id";
	crypto_auth_hmacsha256_state state;
	unsigned char digest[crypto_auth_hmacsha256_BYTES];
	char hex[2 * 8 + 1];
	struct out out;
	int error;

	crypto_auth_hmacsha256_init(&state, (const unsigned char *)salt->p, salt->n);
	crypto_auth_hmacsha256_update(&state, purpose, sizeof(purpose) - 1);
	crypto_auth_hmacsha256_final(&state, digest);
	sodium_memzero(&state, sizeof(state));
	sodium_bin2hex(hex, sizeof(hex), digest, 8);
	out_init(&out, 1, NULL);
	out_write(&out, hex, strlen(hex));
	out_write(&out, "\n", 1);
	error = out_flush(&out);
	out_release(&out);
	if (error)
		msg_errno(error, "standard output");
	return error ? STATUS_ERROR : STATUS_OK;
}

/* Without a salt, which the check needs not, no hashes. */
static bool
worker_init(struct hash_worker *w, const struct hash_job *j, const struct salt *salt)
{
	w->job = j;
	w->anonymiser = (struct anonymiser){
		.addresses = &w->addresses,
		.has_date = j->has_date,
		.date = j->day,
		.keys = j->paths,
		.key_count = j->keys.n,
		.date_key = j->date_key ? span_of(j->date_key) : (struct span){ NULL, 0 },
	};
	return !salt ||
	    (iphash_init(&w->iphash, salt->p, salt->n) &&
		addresses_init(&w->addresses, NULL, &w->iphash));
}

static bool
start_workers(struct hash_job *j, const struct salt *salt)
{
	size_t i;

	j->worker = calloc((size_t)j->crew.jobs, sizeof(*j->worker));
	for (i = 0; j->worker && i < j->crew.jobs; i++) {
		j->crew.worker[i] = &j->worker[i];
		if (!worker_init(&j->worker[i], j, salt))
			break;
	}
	if (j->worker && i == j->crew.jobs)
		return true;
	msg(j->worker ? "no memory that can be locked for the salt" : "out of memory");
	return false;
}

bool
hash_job_start(struct hash_job *j, int *status)
{
	struct salt salt;
	bool good = false;

	*status = STATUS_ERROR;
	if (misused(j) || !read_date(j) || !read_keys(j) || sodium_init() < 0)
		return false;
	if (j->check && !j->key_id)
		return start_workers(j, NULL);
	if (salt_read(&salt, j->salt_file, true, "")) {
		if (j->key_id)
			*status = print_key_id(&salt);
		else
			good = start_workers(j, &salt);
	}
	sodium_memzero(&salt, sizeof(salt));
	return good;
}

/* ---- lines ------------------------------------------------------------- */

/* The hash of the address that the line is. */
static bool
hash_plain(struct hash_worker *w, const struct lines *l)
{
	struct anonymiser *a = &w->anonymiser;
	const struct address *known;
	struct ip ip;

	a->replaced = true;
	if (l->n == 0 || line_is_blank(l->p, l->n))
		return true;
	if (!ip_parse(&ip, l->p, l->n)) {
		a->why[0] = (struct complaint){ .text = SPAN("Invalid IP address") };
		a->whys = 1;
		return false;
	}
	known = addresses_find(&w->addresses, &ip, a->date);
	buf_add(&w->line, known->hash, known->hash_n);
	return true;
}

static void
write_line(struct out *out, struct buf *line)
{
	buf_addc(line, '\n');
	if (line->failed)
		out->error = ENOMEM;
	out_write(out, line->p, line->n);
}

static void
hash_line(void *worker, struct intake *in)
{
	struct hash_worker *w = worker;
	const struct hash_job *j = w->job;
	const struct lines *l = &in->lines;
	struct anonymiser *a = &w->anonymiser;
	bool good;

	buf_reset(&w->line);
	if (j->today) /* the day may change in a long run */
		a->date = timestamp_now();
	if (j->plain)
		good = hash_plain(w, l);
	else if (j->text)
		good = anonymise_text(a, l->p, l->n, &w->line);
	else
		good = anonymise(a, l->p, l->n, &w->line);
	if (good) {
		write_line(&in->out, &w->line);
		in->passed++;
		w->unchanged += !a->replaced;
		return;
	}
	intake_reject(in, "invalid_payload", a->why, a->whys);
	if (j->plain) { /* a line for a line, so that paste(1) fits */
		buf_reset(&w->line);
		write_line(&in->out, &w->line);
	}
}

static void
check_line(void *worker, struct intake *in)
{
	struct hash_worker *w = worker;
	const struct hash_job *j = w->job;
	const struct lines *l = &in->lines;
	struct anonymiser *a = &w->anonymiser;
	bool good = j->plain || j->text ? anonymise_check_text(a, l->p, l->n)
					: anonymise_check(a, l->p, l->n);

	if (good)
		in->passed++;
	else
		intake_reject(in, "invalid_payload", a->why, a->whys);
}

static void
count(void *worker, uint64_t *v)
{
	struct hash_worker *w = worker;

	v[0] = w->unchanged;
	w->unchanged = 0;
}

static void
add_counts(void *context, bool json, bool asked, struct buf *b)
{
	const struct hash_job *j = context;
	unsigned long long unchanged = j->crew.counts[0];

	if (j->check)
		return;
	if (json)
		buf_addf(b, ",\"unchanged\":%llu", unchanged);
	else if (unchanged || (asked && !j->plain))
		buf_addf(b, ", %llu without %s, passed as they are", unchanged,
		    j->text             ? "an address"
			: j->keys.n > 0 ? "an address at these keys"
					: "the key ip");
}

int
hash_job_run(struct hash_job *j, char **files, size_t file_count)
{
	j->in.add_counts = add_counts;
	j->in.context = j;
	j->in.takes_text = j->plain || j->text;
	j->in.with_blank = j->plain;
	j->crew.take = j->check ? check_line : hash_line;
	j->crew.count = count;
	if (!intake_open(&j->in, files, file_count) || !crew_run(&j->crew, &j->in))
		return STATUS_ERROR;
	return intake_end(&j->in);
}

void
hash_job_release(struct hash_job *j)
{
	size_t i;

	for (i = 0; j->worker && i < j->crew.jobs; i++) {
		anonymise_release(&j->worker[i].anonymiser);
		addresses_release(&j->worker[i].addresses);
		iphash_release(&j->worker[i].iphash);
		buf_release(&j->worker[i].line);
	}
	free(j->worker);
	free(j->paths);
}
