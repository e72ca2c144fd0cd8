/*
 * The work of mm-hash-ip: lines in, the same without addresses out, or only
 * looked at.
 */
#ifndef MM_HASH_IP_JOB_H
#define MM_HASH_IP_JOB_H

#include "base/opt.h"
#include "cmd/cli/crew.h"
#include "cmd/cli/salt.h"
#include "enrich/anonymise.h"

struct hash_job {
	/* the options */
	const char *salt_file, *date, *date_key;
	struct opt_list keys;
	bool plain, text, check, key_id;

	struct intake in;
	struct crew crew;

	/* what follows is the module's */
	struct hash_worker *worker; /* crew.jobs */
	struct span *paths;         /* of the keys */
	bool has_date, today;
	int64_t day;
};

/*
 * Makes everything ready.  False when main is to end with *status: after a
 * message, or when --key-id has been answered.
 */
bool hash_job_start(struct hash_job *, int *status);

/* Reads the files to their end, or standard input.  Returns the status. */
int hash_job_run(struct hash_job *, char **files, size_t count);

void hash_job_release(struct hash_job *);

#endif
