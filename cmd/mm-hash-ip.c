/*
 * mm-hash-ip: replaces addresses by their hashes, and does nothing else.
 */
#include <sodium.h>

#include "enrich/anonymise.h"
#include "cmd/cli/intake.h"
#include "base/msg.h"
#include "cmd/cli/salt.h"
#include "base/timestamp.h"

#include "base/banned.h"

struct job {
	struct intake in;
	struct iphash iphash;
	struct addresses addresses;
	struct anonymiser anonymiser;
	struct buf text;
	uint64_t unchanged; /* lines without an address to replace */
	const char *salt_file, *date;
	bool plain, key_id, today;
};

static bool
read_date(struct job *j)
{
	struct anonymiser *a = &j->anonymiser;

	if (!j->date) {
		if (!j->plain || j->key_id)
			return true;
		msg("--plain needs --date, as the lines have none: a day such as 2026-05-16, or "
		    "today");
		return false;
	}
	a->has_date = true;
	if (strcmp(j->date, "today") == 0) {
		j->today = true;
		return true;
	}
	if (date_parse(j->date, strlen(j->date), &a->date) && a->date >= TIMESTAMP_MIN &&
	    a->date <= TIMESTAMP_MAX)
		return true;
	msg("--date: expected a day such as 2026-05-16, or today");
	return false;
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

/* The day to hash for, when --date says it: that of the clock may change in a long run. */
static int64_t
day_of(const struct job *j)
{
	return j->today ? timestamp_now() : j->anonymiser.date;
}

/* The hash of the address that the line is; false with the complaint. */
static bool
hash_plain(struct job *j, struct complaint *why)
{
	const struct lines *l = &j->in.lines;
	const struct address *known;
	struct ip ip;

	if (!ip_parse(&ip, l->p, l->n)) {
		*why = (struct complaint){ .text = SPAN("Invalid IP address") };
		return false;
	}
	known = addresses_find(&j->addresses, &ip, day_of(j));
	buf_add(&j->text, known->hash, known->hash_n);
	return true;
}

static void
hash_line(struct job *j)
{
	const struct lines *l = &j->in.lines;
	struct complaint why;
	bool good;

	buf_reset(&j->text);
	if (j->plain) {
		good = hash_plain(j, &why);
	} else {
		j->anonymiser.date = day_of(j);
		good = anonymise(&j->anonymiser, l->p, l->n, &j->text);
		why = j->anonymiser.why;
	}
	if (!good) {
		intake_reject(&j->in, "invalid_payload", &why, 1);
		return;
	}
	out_write(&j->in.out, j->text.p, j->text.n);
	out_write(&j->in.out, "\n", 1);
	j->in.passed++;
	if (!j->plain && !j->anonymiser.replaced)
		j->unchanged++;
}

static void
add_counts(void *context, bool json, bool asked, struct buf *b)
{
	const struct job *j = context;
	unsigned long long unchanged = j->unchanged;

	if (json)
		buf_addf(b, ",\"unchanged\":%llu", unchanged);
	else if (unchanged || (asked && !j->plain))
		buf_addf(b, ", %llu without the key ip, passed as they are", unchanged);
}

/* Reads the salt and what depends on it; false when main is to end. */
static bool
start(struct job *j, int *status)
{
	struct salt salt;
	bool good = false;

	*status = STATUS_ERROR;
	if (!read_date(j) || sodium_init() < 0)
		return false;
	if (salt_read(&salt, j->salt_file, true, "")) {
		if (j->key_id) {
			*status = print_key_id(&salt);
		} else {
			good = iphash_init(&j->iphash, salt.p, salt.n) &&
			    addresses_init(&j->addresses, NULL, &j->iphash);
			if (!good)
				msg("no memory that can be locked for the salt");
		}
	}
	sodium_memzero(&salt, sizeof(salt));
	j->anonymiser.addresses = &j->addresses;
	return good;
}

int
main(int argc, char **argv)
{
	struct job j = { .in = INTAKE_INIT };
	const struct opt options[] = {
		{ 0, "date", OPT_STRING, "DAY",
		    "hash for this UTC day, YYYY-MM-DD or today (default: the line's)", &j.date, 0,
		    0 },
		{ 0, "key-id", OPT_FLAG, NULL,
		    "print a fingerprint of the salt, to compare machines, and exit", &j.key_id, 0,
		    0 },
		INTAKE_MAX_LINE(j.in),
		{ 0, "plain", OPT_FLAG, NULL, "a line is an address, not a JSON object", &j.plain,
		    0, 0 },
		INTAKE_QUIET(j.in),
		INTAKE_REJECTS(j.in),
		SALT_OPTION(j.salt_file),
		INTAKE_SUMMARY(j.in),
		{ 0 },
	};
	const struct opt_command command = {
		.name = "mm-hash-ip",
		.summary = "Replace IP addresses by keyed hashes that change daily",
		.synopsis = "[OPTION]... [FILE]...",
		.example = "mm-hash-ip --salt-file salt < access.ndjson > anonymous.ndjson",
		.options = options,
		.operands = "FILE",
	};
	size_t files;
	int status;

	if (!face_begin(&command, argc, argv, &files, &status) || !start(&j, &status))
		return status;
	face_catch_signals();
	j.in.add_counts = add_counts;
	j.in.context = &j;
	if (!intake_open(&j.in, argv, files))
		return STATUS_ERROR;
	while (intake_next(&j.in))
		hash_line(&j);
	status = intake_end(&j.in);
	anonymise_release(&j.anonymiser);
	addresses_release(&j.addresses);
	iphash_release(&j.iphash);
	buf_release(&j.text);
	return face_end(status);
}
